"""Replays the sorting of words by letters: ranks, groups, their order, and how parts are merged."""

import re
from collections import Counter
from dataclasses import dataclass, field

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.simulators.claims import MAX_TEXT, Claim, replayed, short

VERIFIER = "simulators.sorting"
MAX_WORDS = 200
"""Words in a list; a longer one is left open."""

Group = tuple[str, ...]
Chain = tuple[Group, ...]

_LIST = re.compile(
    r"(?i)\bsort\b[^:\n]{0,80}\bwords?\b[^:\n]{0,80}:\s*(?:list:\s*)?(?P<words>[^\n.]+)"
)
_BARE = re.compile(r"\s*[^\W\d_][^\s,.:;?!()\"]{0,40}(?:\s+[^\W\d_][^\s,.:;?!()\"]{0,40})+\s*")
_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
)
_LETTERS = re.compile(rf"(?i)\bthe (?P<nth>{'|'.join(_ORDINALS)}) letters?\s?:")
_LETTER = re.compile(
    r"\"(?P<word>[^\"\n]{1,60})\":\s{0,3}\"(?P<letter>[^\"\n]{0,10})\"(?:\s{0,3}\((?P<rank>\d{1,4})\))?"
)
_SUBPART = re.compile(
    rf"(?i)\bsort this subpart (?P<group>\[[^\]\n]{{0,4000}}\]|\"[^\"\n]*\") by looking at their "
    rf"(?P<nth>{'|'.join(_ORDINALS)}) letters?"
)
_HAVE = re.compile(r"(?i)\bwe now have:")
_PART = re.compile(r"(?i)\bfor the subpart\b")
_HENCE = re.compile(r"(?i)\bhence,? we have:?")
_ANSWER = re.compile(r"(?i)\bthe answer is:?")
_PIECE = re.compile(
    r"\((?P<rank>\d{1,4})\)|\[(?P<group>[^\]\n]{0,4000})\]|\"(?P<word>[^\"\n]*)\"|(?P<dots>\.\.\.|…)|(?P<open>\?)"
)


def words_of(problem: Problem) -> tuple[str, ...]:
    """The words that the question asks to sort; empty: it asks nothing of the kind.

    >>> words_of(Problem.make("Sort the following words alphabetically: List: pear fig apple"))
    ('pear', 'fig', 'apple')
    """
    question = problem.question
    if len(question) > MAX_TEXT:
        return ()
    found = _LIST.search(question)
    if found is not None:
        listed = found["words"]
    elif _BARE.fullmatch(question):
        listed = question
    else:
        return ()
    words = tuple(word.strip("\"'`*") for word in re.split(r"[\s,]+", listed.strip()))
    words = tuple(word for word in words if word and word != "and")
    return words if 2 <= len(words) <= MAX_WORDS else ()


def applies(problem: Problem) -> bool:
    """Whether the question is a list of words to sort."""
    return bool(words_of(problem))


def _rank(letter: str) -> int | None:
    lower = letter.lower()
    return ord(lower) - ord("a") + 1 if len(lower) == 1 and "a" <= lower <= "z" else None


@dataclass(frozen=True, slots=True)
class _Link:
    """A word or an unsorted group in a chain, with the rank written before it."""

    words: Group
    rank: int | None


def _chain(text: str) -> tuple[tuple[_Link, ...], bool]:
    """The links of ``(1) "a" < (2) ["b" ? "c"]``, and whether it is written out in full."""
    links: list[_Link] = []
    rank: int | None = None
    full, joined = True, False
    for piece in _PIECE.finditer(text):
        if piece["open"] is not None:
            joined = bool(links)
            continue
        if piece["rank"] is not None:
            rank = int(piece["rank"])
            continue
        if piece["dots"] is not None:
            full = False
            continue
        if piece["group"] is not None:
            words = tuple(re.findall(r"\"([^\"]*)\"", piece["group"]))
        else:
            words = (piece["word"],)
        if words and joined:
            links[-1] = _Link(links[-1].words + words, links[-1].rank)
        elif words:
            links.append(_Link(words, rank))
        rank, joined = None, False
    return tuple(links), full


def _written(chain: Chain) -> str:
    return " < ".join(g[0] if len(g) == 1 else "[" + " ? ".join(g) + "]" for g in chain)


def _same(one: Chain, other: Chain) -> bool:
    return [sorted(g) for g in one] == [sorted(g) for g in other]


def grouped(ranks: dict[str, int]) -> Chain:
    """Words in the order of their ranks; those of one rank stay together, unsorted.

    >>> grouped({"fig": 6, "pear": 16, "plum": 16})
    (('fig',), ('pear', 'plum'))
    """
    held: dict[int, list[str]] = {}
    for word, rank in ranks.items():
        held.setdefault(rank, []).append(word)
    return tuple(tuple(held[rank]) for rank in sorted(held))


def _differs(stated: list[str], wanted: list[str]) -> str | None:
    """How one list of words misses the other, in words; None: the same words."""
    extra = list((Counter(stated) - Counter(wanted)).elements())
    missing = list((Counter(wanted) - Counter(stated)).elements())
    parts = []
    if missing:
        parts.append(f"leaves out {short(', '.join(missing))}")
    if extra:
        parts.append(f"adds {short(', '.join(extra))}")
    return " and ".join(parts) or None


@dataclass(slots=True)
class _Replay:
    """Where the trace stands: the ranks and the order it last stated."""

    words: tuple[str, ...]
    ranks: dict[str, int] = field(default_factory=dict)
    """The ranks last stated."""
    part: Group | None = None
    """The subpart being sorted."""
    order: Chain | None = None
    """The order of all words, as last stated."""
    depth: dict[str, int] = field(default_factory=dict)
    """By how many letters each word has been looked at."""
    begun: bool = False

    def step(self, text: str) -> list[Claim]:
        """What is right and wrong in one step."""
        claims: list[Claim] = []
        letters = _LETTERS.search(text)
        subpart = _SUBPART.search(text)
        if subpart is not None and self.order is not None:
            claims += self._subpart(subpart)
        if letters is not None:
            claims += self._letters(letters, text)
        have = _HAVE.search(text)
        if have is not None and self.begun:
            claims += self._have(text, have)
        answer = _ANSWER.search(text)
        if answer is not None and self.order is not None:
            claims += self._answer(text[answer.end() :], text[answer.start() :].strip())
        return claims

    def _subpart(self, found: re.Match[str]) -> list[Claim]:
        said = found.group()
        group = tuple(re.findall(r"\"([^\"]*)\"", found["group"]))
        nth = _ORDINALS.index(found["nth"].lower()) + 1
        self.part = group
        assert self.order is not None
        unsorted = [g for g in self.order if len(g) > 1]
        if not unsorted:
            return [Claim(False, "no subpart is left to sort", said)]
        if sorted(group) != sorted(unsorted[0]):
            wanted = _written((unsorted[0],))
            return [Claim(False, f"the next subpart to sort is {short(wanted)}", said, wanted)]
        seen = {self.depth.get(word, 1) for word in group}
        if len(seen) == 1 and nth != min(seen) + 1:
            wanted = _ORDINALS[min(min(seen), len(_ORDINALS) - 1)]
            return [
                Claim(
                    False,
                    f"their {wanted} letters come next, not their {_ORDINALS[nth - 1]}",
                    said,
                    wanted,
                )
            ]
        return [Claim(True, "this is the next subpart and letter", said)]

    def _letters(self, found: re.Match[str], text: str) -> list[Claim]:
        nth = _ORDINALS.index(found["nth"].lower()) + 1
        rows = list(_LETTER.finditer(text, found.end()))
        if not rows:
            return []
        self.begun = True
        if nth == 1 and self.part is None:
            wanted, of = list(self.words), "the list of words"
        else:
            wanted, of = list(self.part or self.words), "the subpart"
        claims = [claim for row in rows if (claim := self._letter(row, nth)) is not None]
        self.ranks = {
            row["word"]: rank for row in rows if (rank := self._stated_rank(row)) is not None
        }
        self.depth.update({row["word"]: nth for row in rows})
        missed = _differs([row["word"] for row in rows], wanted)
        if missed:
            claims.append(Claim(False, f"{of} is not copied in full: it {missed}", found.group()))
        return claims or [
            Claim(True, f"all {len(rows)} letters and ranks are right", found.group())
        ]

    @staticmethod
    def _stated_rank(row: re.Match[str]) -> int | None:
        return int(row["rank"]) if row["rank"] else _rank(row["letter"])

    def _letter(self, row: re.Match[str], nth: int) -> Claim | None:
        word, letter = row["word"], row["letter"]
        right = word[nth - 1 : nth]
        if letter.lower() != right.lower():
            reason = (
                f"letter {nth} of {word} is '{right}', not '{letter}'"
                if right
                else f"{word} has no letter {nth}"
            )
            return Claim(False, reason, row.group(), right or None)
        rank = _rank(letter)
        if rank is not None and row["rank"] is not None and int(row["rank"]) != rank:
            return Claim(
                False,
                f"'{letter}' is letter {rank} of the alphabet, not {row['rank']}",
                row.group(),
                str(rank),
            )
        return None

    def _have(self, text: str, have: re.Match[str]) -> list[Claim]:
        part = _PART.search(text, have.end())
        if part is None:
            links, full = _chain(text[have.end() :])
            return self._whole(links, full, text[have.start() :].strip())
        links, full = _chain(text[have.end() : part.start()])
        said = text[have.start() : part.end()]
        claims = self._sorted(links, list(self.part or ()), said, full)
        hence = _HENCE.search(text, part.end())
        new = tuple(link.words for link in links)
        merged = self._merge(new)
        if hence is None:
            self.order = merged
            return claims
        return claims + self._hence(text[hence.end() :], merged, text[hence.start() :].strip())

    def _whole(self, links: tuple[_Link, ...], full: bool, said: str) -> list[Claim]:
        claims = self._sorted(links, list(self.ranks), said, full)
        self.order = tuple(link.words for link in links)
        return claims

    def _sorted(
        self, links: tuple[_Link, ...], wanted: list[str], said: str, full: bool
    ) -> list[Claim]:
        """Whether the links are the wanted words in the order of their stated ranks."""
        missed = _differs([word for link in links for word in link.words], wanted)
        if missed and full:
            return [Claim(False, f"this {missed}", said)]
        for link in links:
            for word in link.words:
                known = self.ranks.get(word)
                if link.rank is not None and known is not None and link.rank != known:
                    return [
                        Claim(False, f"{word} has rank {known}, not {link.rank}", said, str(known))
                    ]
        right = grouped({word: self.ranks[word] for word in wanted if word in self.ranks})
        stated = tuple(link.words for link in links)
        if full and not _same(stated, right):
            return [
                Claim(
                    False,
                    f"by the ranks the order is {short(_written(right))}",
                    said,
                    _written(right),
                )
            ]
        return [Claim(True, "the words stand in the order of their ranks", said)]

    def _merge(self, new: Chain) -> Chain:
        """The order of all words with the subpart replaced by its own order."""
        part = set(self.part or ())
        merged: list[Group] = []
        placed = False
        for group in self.order or ():
            if part & set(group) and not placed:
                merged += new
                placed = True
            elif not part & set(group):
                merged.append(group)
        return tuple(merged)

    def _hence(self, text: str, merged: Chain, said: str) -> list[Claim]:
        links, full = _chain(text)
        stated = tuple(link.words for link in links)
        if not links:
            found = re.findall(r"[^\W\d_][\w'’.-]*", text)
            stated, full = tuple((word.rstrip("."),) for word in found), True
        if not full:
            self.order = merged
            return (
                [Claim(True, "the order is cut short with dots", said)]
                if stated == merged[: len(stated)]
                else []
            )
        self.order = stated
        if _same(stated, merged):
            return [Claim(True, "the sorted subpart stands in its place", said)]
        missed = _differs([w for g in stated for w in g], [w for g in merged for w in g])
        what = (
            f"the whole order {missed}"
            if missed
            else "the subpart or another part is not in its place"
        )
        return [Claim(False, what, said, _written(merged))]

    def _answer(self, text: str, said: str) -> list[Claim]:
        stated = text.strip().rstrip(".").split()
        assert self.order is not None
        unsorted = [group for group in self.order if len(group) > 1]
        if unsorted:
            return [Claim(False, f"{short(_written((unsorted[0],)))} was not sorted", said)]
        wanted = [word for group in self.order for word in group]
        if stated == wanted:
            return [Claim(True, "the answer is the last stated order", said)]
        missed = _differs(stated, wanted) or "changes the last stated order"
        return [Claim(False, f"the answer {missed}", said, " ".join(wanted))]


def check(case: Case) -> list[Verdict]:
    """Verdicts on every step that lists letters, orders words, merges a subpart or answers.

    A step is judged against the ranks and the order that the trace stated last, right or not.
    """
    words = words_of(case.problem)
    if not words:
        return []
    replay = _Replay(words)
    return replayed(case, VERIFIER, replay)
