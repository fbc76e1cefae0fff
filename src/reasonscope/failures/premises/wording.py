"""Words that say that something is missing: in the midst of reasoning, and in the last word.

Every rule is linear: gaps are bounded and end at the sentence. What the rules find and miss on
read traces is stated in ``docs/instruments/premises.md``.
"""

import re

CLOSING = 900
"""Characters at the end of an answer in which its last word is looked for."""

LONGEST_STEP = 2000
"""Characters of a step that are read."""

_CUES = (
    "n't", "n’t", "not", "no ", "missing", "insufficient", "incomplete", "inadequate", "lack",
    "without", "unless", "unable", "impossible", "ambiguous", "ill-posed", "under", "cut off",
    "more ", "additional", "further", "too little", "fail", " you ", "please",
)  # fmt: skip
"""A step without any of these needs no closer look."""
_GAP = r"[^.?!\n]{0,40}?"
_TOLD = (
    r"(?:specif(?:y|ied|ies)|say|says|said|mention(?:ed)?|stated?|provided?|gives?|given|tell|told|"
    r"includ(?:e|ed)|indicate[ds]?|defined?|supplied|clarified|described)"
)
_NOT = r"(?:n't|n’t|\snot|\snever)"
_ABOUT = (
    r"(?:problem|question|it|they|statement|prompt|user|information|puzzle|text|data|details?|"
    r"context|scenario|expression|equation|story)"
)
_INFORMATION = r"(?:information|info|data|details?|context|conditions?|constraints?|premises?)"
_SOLVE = (
    r"(?:determine|answer|calculate|compute|find|solve|specify|know|tell|say|evaluate|conclude|"
    r"establish|deduce|identify|figure|derive|infer|ascertain|provide|give|proceed|simplif)"
)
_UNTOLD = (
    rf"\b{_ABOUT}\b{_GAP}\b(?:do|does|did)(?:{_NOT}|\s(?:actually\s)?fail to)\b{_GAP}\b{_TOLD}\b"
)
_UNGIVEN = (
    rf"\b(?:is|are|was|were|has|have|been|being)(?:{_NOT})\s(?:\w+\s){{0,2}}?{_TOLD}\b"
    rf"|\bno\s(?!new|further|additional|restriction|other|more)(?:\w+\s){{0,3}}?"
    rf"(?:given|provided|specified|mentioned|{_INFORMATION})\b"
    rf"|\bwithout(?:\sany)?\s(?:\w+\s){{0,3}}?(?:given|knowing|{_INFORMATION})\b"
    r"|\bunless we (?:know|are told|have)\b"
)
_LACKING = (
    rf"\b(?:missing|insufficient|incomplete|inadequate|not enough|n't enough|too little|"
    rf"lack(?:s|ing)?(?: of)?|(?:need|require|want|requires|needs|provide|have|without)\s"
    rf"(?:some\s|the\s)?(?:more|additional|further))\s(?:\w+\s){{0,2}}?{_INFORMATION}\b"
    rf"|\b(?:information|something|part|condition|detail|data|piece|value|number|premise)s?"
    rf"\s(?:\w+\s){{0,2}}?(?:is|are|was|were|be|seems?(?: to be)?|might be)\s(?:\w+\s)?"
    r"(?:missing|lacking|insufficient|incomplete|inadequate)\b"
    r"|\b(?:problem|question|statement|it)\s(?:\w+\s){0,2}?"
    r"(?:is|are|was|be|seems?(?: to be)?|might be|appears?(?: to be)?)\s(?:\w+\s)?"
    r"(?:incomplete|underspecified|under-determined|underdetermined|ill-posed|ambiguous|unanswerable|"
    r"cut off|missing (?:some|a|the|key|something)|lacking)\b"
    r"|(?<!I'm\s)(?<!am\s)\bmissing\s(?:a piece|a part|a number|a detail|a condition|part of)\b"
    r"|\b(?:is|if|maybe)\s(?:there\s)?something\s(?:is\s)?missing\b|\binformation missing\b"
)
_IMPOSSIBLE = (
    rf"\b(?:can(?:not|'t|’t| not)|could(?:n't| not)|impossible to|not possible to|unable to|"
    rf"(?:no|isn't a|not a) way to|not? able to|not able to)\s(?:\w+\s){{0,3}}?{_SOLVE}\w{{0,4}}\b"
    r"|\b(?:un|not )answerable\b|\b(?:can(?:not|'t| not)) be (?:\w+\s)?(?:answered|solved|"
    r"determined|calculated|found|computed|evaluated|simplified|derived|established|inferred|deduced)\b"
    r"|\bno (?:definit\w+|unique|numerical|valid|clear|specific|logical) "
    r"(?:answer|solution|value|way|connection)\b"
)
_REQUEST = (
    r"\b(?:could|can|would) you (?:please )?(?:provide|clarify|specify|confirm|share|give)\b"
    r"|\bplease (?:provide|clarify|specify|confirm|let me know|share|rephrase)\b"
    r"|\bif you (?:can |could )?(?:provide|have (?:more|additional|any)|let me know|give me)\b"
    r"|\b(?:does|do)(?:n't| not) (?:directly |seem to |appear to )?(?:be )?"
    r"(?:relate|pertain|connect)"
)
_ASIDE = (
    rf"\b(?:more|additional|further|specific) {_INFORMATION} (?:\w+\s){{0,3}}?"
    r"(?:needed|required|necessary)\b|\b(?:need|require)s? to know\b|\bif you (?:intended|meant)\b"
    r"|\bplease (?:check|double-check)\b"
    r"|\b(?:un|not )related to\b|\bnot (?:related|relevant|connected) to\b"
)

_SAYS = (_UNTOLD, _UNGIVEN, _LACKING, _IMPOSSIBLE, _REQUEST)
SUSPICION = re.compile("|".join(_SAYS), re.IGNORECASE)
"""A step that says that information is missing, asks for it, or finds no way to an answer."""

_REFUSES = re.compile("|".join([*_SAYS, _ASIDE]), re.IGNORECASE)
_BOX = re.compile(r"\\boxed\s?\{([^\n]{0,200})")
_RESULT = re.compile(
    r"\b(?:therefore|thus|hence|consequently|answer:?\*{0,2}:?)[^\n]{1,200}", re.IGNORECASE
)
_HEDGED = re.compile(
    r"\b(?:if|might|may|could|would|assuming|perhaps|possibly|intended)\b", re.IGNORECASE
)


def suspects(step: str) -> bool:
    """Whether a step says that something it needs is missing.

    >>> suspects("Wait, the problem doesn't specify how far he walks.")
    True
    >>> suspects("So the missing side is 5.")
    False
    """
    start = step[:LONGEST_STEP].lower()
    return any(cue in start for cue in _CUES) and SUSPICION.search(start) is not None


def abstains(last_words: str) -> bool:
    r"""Whether the end of an answer says that the question cannot be answered as it stands.

    An answer in a box that follows and is not hedged ("if ... were meant, it might be") counts as
    an answer; so does the result of an assumption.

    >>> abstains("There is not enough information to determine the width of the room.")
    True
    >>> abstains("The distance is not given. Assuming 3 miles, the answer is \boxed{8}.")
    False
    """
    closing = last_words.strip()[-CLOSING:]
    refusals = list(_REFUSES.finditer(closing))
    if not refusals or _concludes(closing, refusals[-1].end()):
        return False
    return not any(_commits(closing, box) for box in _BOX.finditer(closing))


def _concludes(text: str, start: int) -> bool:
    """Whether a result follows the last refusal: "Thus, 8 remain", without "if" or "might"."""
    return any(
        re.search(r"\d", found.group()) and not _HEDGED.search(found.group())
        for found in _RESULT.finditer(text, start)
    )


def _commits(text: str, box: re.Match[str]) -> bool:
    """Whether a box holds an answer, rather than a refusal or a guess at what was meant."""
    start = max(text.rfind(stop, 0, box.start()) for stop in (". ", "\n", "**", ": "))
    sentence = text[max(start, 0) : box.start()]
    return not (_HEDGED.search(sentence) or _REFUSES.search(box.group(1)) or _empty(box.group(1)))


def _empty(inner: str) -> bool:
    return (
        re.match(
            r"\\text\{\s?(?:undefined|cannot|unknown|insufficient|not|no |indeterminate|none|n/a)",
            inner,
            re.IGNORECASE,
        )
        is not None
    )
