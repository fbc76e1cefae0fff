"""Words that announce that a trace turns back, looks again, or is content.

A cue opens a sentence: "wait" in the middle of a story ("they wait for the bus") is none. Words
that deny come from :mod:`reasonscope.verify.retraction`; here they count without a "wait" before
them only where the trace speaks of itself ("I miscounted", "that can't be right").
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from reasonscope.traces.schema import Step
from reasonscope.verify.retraction import taken_back_at

_LEAD = (
    r"(?:^|(?<=[.?!:;…\n\"”)])\s{1,4}|(?<=\n))[\s*_#>\-–—]{0,6}"
    r"(?:(?:but|hmm+|hm|oh|ah|okay|ok|so|and|no|yes|well|yeah|now|or|then|because|just)"
    r"[,.…!?\s]{1,4}){0,4}"
)
_HALT = (
    r"(?:wait|hold\son|hang\son)\b"
    r"(?!\s(?:for|until|till|time|list|staff|another|\d|in\s(?:the|line)\b))"
)
_OTHER = (
    r"alternatively\b|on\ssecond\sthought|scratch\sthat"
    r"|(?:or|maybe|perhaps|is\sthere|there(?:'s|\sis)|here(?:'s|\sis)|via|using|in|by|let(?:'s|\sme)\s\w{2,10}|just|consider)?"
    r"\s?\b(?:another|a\sdifferent)\s(?:way|approach|method|thought|idea|angle|perspective"
    r"|interpretation|possibility|strategy|route)\b"
    r"|(?:or\s)?(?:let\sme|let's|i(?:'ll|\swill|\sshould|\scould|\scan))\s(?:just\s)?(?:try|approach|think|look|do|solve|consider)"
    r"\s(?:(?:about|at|of|to)\s)?(?:it|this|that|the\s\w{2,12})?\s?"
    r"(?:differently|another\sway|something\selse|a\sdifferent|in\sa\sdifferent|from\sa\sdifferent"
    r"|instead)\b"
    r"|or\s(?:maybe|perhaps)\b|maybe\si\sshould\s(?:instead|rather)"
    r"|(?:let\sme|let's)\s(?:try|use|consider|assume)\s[^.?!\n]{1,60}\sinstead\b"
)
_AGAIN = (
    r"(?:let\sme|let's|i(?:'ll|\sshould|\sneed\sto|\shave\sto|\smust|\sbetter))\s(?:just\s|try\sto\s)?"
    r"(?:(?:go|look|step|circle|get|come)\sback|back\s?track|start\s(?:over|again|afresh|from\sscratch)"
    r"|try\s(?:again|that\sagain|this\sagain|it\sagain)|(?:think|read|reason)\s(?:\w{2,12}\s){0,4}again"
    r"|re-?(?:think|consider|read|visit|trace|start|examine|evaluate|interpret)\b)"
    r"|(?:going|coming|looking|turning|stepping|circling)\sback\b|back\sto\s(?:the|square|step|where|our|my)"
    r"|returning\sto\b|starting\s(?:over|again|afresh|from\sscratch)\b|re-?reading\b|revisiting\b"
)
_REDO = (
    r"(?:let\sme|let's|i(?:'ll|\sshould|\sneed\sto))\s(?:just\s)?(?:try\sto\s)?"
    r"re-?(?:compute|calculate|count|do|check|verify|calc)\b"
)
_DENY = (
    r"(?:no[,.\s]{1,3})?(?:(?:but|so|and|then|oh|well|actually|hmm|clearly|however)[,.\s]{1,3}){0,2}"
    r"(?!i\s(?:do\b|don|did))(?:that|this|it|which|i|my)\b[^.?!\n]{0,24}?(?:(?<=\bi)\s(?:(?!don)\w{2,10}\s){0,3}"
    r"(?:made|must\shave\smade|was\swrong|messed|miscounted|misread|miscalculated|misinterpreted"
    r"|misunderstood|forgot|overlooked|mixed\sup)\b"
    r"|\s(?:doesn['’]t|does\snot|didn['’]t|won['’]t|can['’]t|cannot)\s(?:quite\s)?"
    r"(?:work|be\s(?:right|correct|true|possible)|make\ssense|add\sup|match|fit|seem\s(?:right|correct))"
    r"|(?:['’]s|\sis|\swas|\sseems|\slooks)\s(?:clearly\s|definitely\s|actually\s|also\s|obviously\s)?"
    r"(?:not\s(?:quite\s)?(?:right|correct|true|possible|what)|wrong\b|incorrect\b|impossible\b(?!\sto\b)"
    r"|a\smistake|an\serror|a\scontradiction|too\s(?:big|small|high|low|large|much|many|long|few)\b))"
    r"|oops\b|scratch\sthat|i\s(?:think\s)?(?:i\s)?(?:made|see)\s(?:an?|my|the)\s(?:\w{2,10}\s)?(?:mistake|error)"
    r"|(?:there(?:'s|\sis)\san?\s)(?:mistake|error|contradiction)|no\sluck|dead\send"
)
_CUE = re.compile(
    f"{_LEAD}(?:(?P<halt>{_HALT})|(?P<other>{_OTHER})|(?P<again>{_AGAIN})|(?P<redo>{_REDO})"
    f"|(?P<deny>{_DENY}))"
)

CHECK = re.compile(
    r"\b(?:(?:double|cross|re)[\s-]?check\w{0,3}|check(?:ing)?\b|verif\w{1,6}|confirm\w{0,4}"
    r"|(?:make|be|making|am|i'm|being)\s(?:\w{2,10}\s)?(?:sure|certain)|to\sbe\s(?:\w{2,10}\s)?(?:safe|thorough|careful|sure)"
    r"|sanity|recap\w{0,4}|validat\w{1,4}|just\sin\scase|go\s(?:through|over)|walk\sthrough"
    r"|re-?(?:compute|calculate|count|do)\b)",
    re.IGNORECASE,
)
"""Words of looking again."""

CONTENT = re.compile(
    r"(?:^|[.!\n,;]\s{0,4}|\bso\s|\band\s)(?:yes|yep|yeah|yup|right|correct|exactly|indeed|good"
    r"|great|perfect|okay,\s(?:good|that))\b(?!\s(?:now|side|hand|angle|answer))"
    r"|\b(?:that|this|it|which|everything|all|both|calculation|answer|logic|math"
    r"|approach|method|interpretation)"
    r"(?:['’]s|\sis|\sseems|\slooks|\ssounds|\sshould\sbe|\sappears)?\s"
    r"(?:indeed\s|still\s|also\s|all\s|to\sbe\s|the\s)?(?:right|correct|fine|consistent|same"
    r"|solid|good|okay|ok|makes?\ssense|checks?\sout|adds\sup|matches|works\s?out|works\b"
    r"|confirms|holds)(?!\s(?:if|when|unless)\b)"
    r"|(?<!not\sthe\s)\bsame\s(?:answer|result|thing|total|number|conclusion|value"
    r"|as\s(?:before|earlier|above))"
    r"|\b(?:still|indeed)\s(?:gives?|gets?|equals?|is|are|be|correct|right|holds?|have|\$?\d)"
    r"|\b(?:as\sbefore|is\sagain\s\$?\d|confirms?\s(?:that|it|the|my|our)|agrees?\swith|consistent\swith)\b",
    re.IGNORECASE,
)
"""Words of being content with what was looked at."""

_NOT = re.compile(r"(?:n['’]t|\bnot|\bif|\bwhether)\s(?:\w{2,10}\s){0,2}$", re.IGNORECASE)
"""Words before that turn contentment round: "if that's right", "isn't consistent with"."""

KINDS = ("halt", "other", "again", "redo", "deny")
"""Kinds of cue: "wait"; "alternatively"; "going back"; "let me recount"; "that can't be right"."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A place where a trace may turn back."""

    step: int
    """Place of the step among the trace's steps."""
    start: int
    """Where the cue begins in the reasoning."""
    end: int
    kind: str
    """One of :data:`KINDS`."""
    text: str
    """The cue as written."""


def cues(reasoning: str, steps: Sequence[Step]) -> list[Cue]:
    """Every cue of a trace, in order: the first of each kind of sentence start.

    >>> from reasonscope.traces.schema import Problem, Trace
    >>> from reasonscope.traces.segment.steps import steps_of
    >>> trace = Trace.make(Problem.make("?"), "They wait for it. But wait, no. Back to step 1.")
    >>> [cue.text for cue in cues(trace.reasoning, steps_of(trace))]
    ['wait', 'Back to step']
    """
    starts = [step.char_start for step in steps]
    found = []
    for match in _CUE.finditer(_lowered(reasoning)):
        kind = match.lastgroup or "halt"
        start, end = match.span(kind)
        step = bisect_right(starts, start) - 1
        if step >= 0:
            found.append(Cue(step, start, end, kind, reasoning[start:end].strip()))
    return found


def _lowered(text: str) -> str:
    """The text in small letters, each character at its place."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def denies(reasoning: str, start: int, end: int) -> bool:
    """Whether a stretch of reasoning takes back what stands before it."""
    return taken_back_at(reasoning, start, until=end) is not None


@lru_cache(maxsize=4_096)
def content_with(text: str) -> bool:
    """Whether a text is content with what it has looked at.

    >>> content_with("Yep, same result."), content_with("Does that make sense?")
    (True, False)
    """
    for match in CONTENT.finditer(text):
        after = text[match.end() : match.end() + 40]
        asked = "?" in after.split(".")[0].split("\n")[0]
        if not asked and not _NOT.search(text[max(0, match.start() - 30) : match.start()]):
            return True
    return False
