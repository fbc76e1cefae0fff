"""Reads facts and if-then rules in plain English: "Every yumpus is a dumpus", "Rough people are
cold", "If something sees the bear and it is cold then the bear is green".

A literal is a predicate of one or two arguments, said to hold or not to hold. A rule has one
variable at most. Sentences that do not fit whole are not read.
"""

import re
from dataclasses import dataclass, replace

VARIABLE = "?"
"""The argument that stands for anything."""
MAX_SENTENCE = 1_000
"""Characters of a sentence that are looked at."""

_GENERIC = r"something|someone|somebody|anything|anyone|somebody"
_PRONOUN = r"it|they|he|she|them|him|her"
_STOP = rf"the|is|are|not|if|then|and|or|{_GENERIC}|{_PRONOUN}|does|do"
_THE = re.compile(
    rf"\bthe ((?:(?!(?:{_STOP})\b)[a-z]+ ){{0,2}}(?!(?:{_STOP})\b)[a-z]+)"
    r"(?= is\b| are\b|[.,?]| and\b| then\b| does\b|$)"
)
_NAME = re.compile(r"\b([A-Z][a-z]{1,20}) is\b")
_NOT_NAMES = frozenset(
    (
        "the", "if", "every", "each", "all", "any", "this", "that", "it", "something", "someone",
        "everything", "no", "there", "which", "what", "following", "statement", "he", "she", "they",
    )
)  # fmt: skip
_PLURAL = r"(?:things?|people|persons?|ones?|animals?|creatures?|objects?)"
_WORD = r"[a-z][a-z-]{0,30}"
_BE = r"(?:is|are|must be|must also be|is also|are also|has to be|is therefore|is thus|is indeed)"
_UNARY = re.compile(rf"(?P<who>E\d+|V) {_BE} (?P<not>not )?(?:an? )?(?P<what>{_WORD})")
_BINARY = re.compile(
    rf"(?P<who>E\d+|V) (?P<not>does not |do not |doesn't |don't )?"
    rf"(?P<what>{_WORD}) (?P<whom>E\d+|V)"
)
_BARE = re.compile(rf"(?P<not>not )?(?:an? )?(?P<what>{_WORD})")
_IF = re.compile(r"if (?P<body>.+?),? then (?P<head>.+)")
_ALL = re.compile(
    rf"(?:(?P<each>every|each|all|any|an?) )?"
    rf"(?P<body>{_WORD}(?:(?:, and |, | and | ){_WORD}){{0,4}}?) "
    rf"(?:(?:is|are)(?: also)? (?P<not>not )?(?:an? )?(?P<what>{_WORD})"
    rf"|(?P<vnot>do not |does not )?(?P<verb>{_WORD}) (?P<whom>E\d+))"
)


@dataclass(frozen=True, slots=True)
class Literal:
    """A predicate that holds, or is said not to hold, of its arguments."""

    predicate: str
    """The stem of the adjective, noun or verb."""
    arguments: tuple[str, ...]
    """Names of constants, or ``?`` for anything."""
    holds: bool = True

    def opposite(self) -> "Literal":
        """The same literal denied."""
        return replace(self, holds=not self.holds)

    def about(self, constant: str) -> "Literal":
        """The literal with the variable bound."""
        bound = tuple(constant if a == VARIABLE else a for a in self.arguments)
        return replace(self, arguments=bound)


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions and what follows from them; without conditions: a fact."""

    body: tuple[Literal, ...]
    head: tuple[Literal, ...]

    @property
    def general(self) -> bool:
        """Whether it speaks of anything, not of named things only."""
        return any(VARIABLE in literal.arguments for literal in (*self.body, *self.head))


def stem(word: str) -> str:
    """The singular of a noun, the base form of a verb, roughly; adjectives stay.

    >>> stem("tumpuses"), stem("chases"), stem("chase"), stem("nervous"), stem("cats")
    ('tumpus', 'chase', 'chase', 'nervous', 'cat')
    """
    if word.endswith(("uses", "sses", "xes", "ches", "shes")) and len(word) > 5:
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("us", "ss")) else word


def constants_of(text: str) -> tuple[str, ...]:
    """The named things of a text: names before "is", and what follows "the"."""
    names = {name.lower() for name in _NAME.findall(text)} - _NOT_NAMES
    nouns = {found for found in _THE.findall(text.lower()) if found.split()[0] not in _NOT_NAMES}
    return tuple(sorted(names | nouns))


@dataclass(frozen=True, slots=True)
class RuleWords:
    """The named things of one problem, ready to read sentences about them."""

    constants: tuple[str, ...]
    _pattern: re.Pattern[str]

    @classmethod
    def of(cls, constants: tuple[str, ...]) -> "RuleWords":
        """The reader for these named things."""
        longest = sorted(constants, key=len, reverse=True)
        names = "|".join(re.escape(name) for name in longest) or r"(?!)"
        pattern = (
            rf"\b(?:the )?(?P<name>{names})\b|\b(?P<any>{_GENERIC})\b|\b(?P<pronoun>{_PRONOUN})\b"
        )
        return cls(constants, re.compile(pattern))

    def canonical(self, sentence: str) -> str:
        """Lower case, with ``E3`` for a named thing, ``V`` for anything, pronouns resolved.

        A pronoun stands for the first thing that the sentence names.
        """
        first: list[str] = []

        def token(match: re.Match[str]) -> str:
            if match["pronoun"]:
                return first[0] if first else match[0]
            found = f"E{self.constants.index(match['name'])}" if match["name"] else "V"
            if match["any"]:
                first.insert(0, found)
            first.append(found)
            return found

        plain = re.sub(r"\s+", " ", sentence.lower().replace("’", "'").replace("*", ""))
        return self._pattern.sub(token, plain).strip(" .!,;:")

    def _argument(self, token: str) -> str:
        return VARIABLE if token == "V" else self.constants[int(token[1:])]  # noqa: S105

    def literal(self, clause: str, subject: str | None = None) -> Literal | None:
        """The literal that a canonical clause states; ``subject`` serves "and not kind"."""
        clause = clause.strip(" .,")
        if match := _UNARY.fullmatch(clause):
            return Literal(stem(match["what"]), (self._argument(match["who"]),), not match["not"])
        if match := _BINARY.fullmatch(clause):
            if match["what"] in ("is", "are", "not", "and", "or"):
                return None
            arguments = (self._argument(match["who"]), self._argument(match["whom"]))
            return Literal(stem(match["what"]), arguments, not match["not"])
        if subject is not None and (match := _BARE.fullmatch(clause)):
            return Literal(stem(match["what"]), (subject,), not match["not"])
        return None

    def conjunction(self, text: str) -> tuple[Literal, ...] | None:
        """The literals of "A and B and not C"; None where one cannot be read."""
        found: list[Literal] = []
        for part in re.split(r",? and |, ", text):
            subject = found[-1].arguments[0] if found else None
            literal = self.literal(part, subject)
            if literal is None:
                return None
            found.append(literal)
        return tuple(found)

    def rule(self, sentence: str) -> Rule | None:
        """The rule or fact that a whole sentence states; None where it cannot be read."""
        if len(sentence) > MAX_SENTENCE:
            return None
        text = self.canonical(sentence)
        if match := _IF.fullmatch(text):
            body, head = self.conjunction(match["body"]), self.conjunction(match["head"])
            return Rule(body, head) if body and head else None
        fact = self.literal(text)
        if fact is not None:
            return Rule((), (fact,))
        several = self.conjunction(text) if re.match(r"E\d", text) else None
        if several:
            return Rule((), several)
        return self._universal(text)

    def _universal(self, text: str) -> Rule | None:
        match = _ALL.fullmatch(text)
        if match is None or (match["each"] is None and re.search(r" is ", text)):
            return None
        kinds = re.split(r", and |, | and | ", match["body"])
        plain = [kind for kind in kinds if not re.fullmatch(_PLURAL, kind)]
        if not plain or any(re.fullmatch(_STOP, kind) for kind in plain):
            return None
        body = tuple(Literal(stem(kind), (VARIABLE,)) for kind in plain)
        if match["verb"]:
            whom = self._argument(match["whom"])
            return Rule(body, (Literal(stem(match["verb"]), (VARIABLE, whom), not match["vnot"]),))
        if len(plain) == len(kinds) and len(plain) > 1:
            return None
        return Rule(body, (Literal(stem(match["what"]), (VARIABLE,), not match["not"]),))


def describe(literal: Literal) -> str:
    """The literal in plain words.

    >>> describe(Literal("bright", ("stella",), False))
    'stella is not bright'
    """
    who = "anything" if literal.arguments[0] == VARIABLE else literal.arguments[0]
    if len(literal.arguments) == 1:
        return f"{who} is {'' if literal.holds else 'not '}{literal.predicate}"
    verb = f"{literal.predicate}s" if literal.holds else f"does not {literal.predicate}"
    return f"{who} {verb} {literal.arguments[1]}"
