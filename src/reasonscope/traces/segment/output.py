"""Which part of a model's output is reasoning and which is the answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasonscope.traces.schema import ReasoningForm
from reasonscope.traces.segment.channels import split_channels

_TAGS: tuple[tuple[str, str], ...] = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("<thought>", "</thought>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("◁think▷", "◁/think▷"),
)
_CLOSES = {opened.casefold(): closed.casefold() for opened, closed in _TAGS}
_OPEN = "|".join(re.escape(opened) for opened, _ in _TAGS)
_CLOSE = "|".join(re.escape(closed) for _, closed in _TAGS)
_TAG = re.compile(rf"(?=[<\[◁])(?:(?P<open>{_OPEN})|(?P<close>{_CLOSE}))", re.IGNORECASE)
_AFTER_CLOSE = re.compile(
    rf"\s*+(?:(?:{_CLOSE}|<\|begin_of_solution\|>|<\|START_RESPONSE\|>)\s*+)*+", re.IGNORECASE
)
_PREAMBLE = re.compile(r"\s*+(?:<\|[^|<>\s]{1,40}\|>(?:assistant)?\s*+)*+", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]{0,8}+(?:```|~~~)", re.MULTILINE)
_SPACE = re.compile(r"\s*+")
_QUOTES = "`\"'“”‘’"
_LINE_LOOK_BACK = 400


@dataclass(frozen=True, slots=True)
class Output:
    """A model's output in four parts; joined in order they are the text, character by character."""

    opening: str
    """What stands before the reasoning: a tag with the white space around it, or nothing."""
    reasoning: str
    """The thinking. Inner tags of several blocks stay in it."""
    closing: str
    """What stands between reasoning and answer: a tag with the white space around it."""
    answer: str
    """What the user sees. A trailing end mark such as ``<|return|>`` stays in it."""
    form: ReasoningForm
    """How the parts were told apart."""


@dataclass(frozen=True, slots=True)
class _Tag:
    start: int
    end: int
    closes: str | None
    """The close tag that an open tag calls for; None: this is a close tag."""
    text: str
    mention: bool
    """Quoted, in code or spoken of, not used."""


def split_output(text: str, prompt: str = "") -> Output:
    r"""Reasoning and answer of one output, told apart by tags or channels; nothing is lost.

    Decisions: the white space next to a tag belongs to the tag. Several blocks count as one
    reasoning, from the first opening to the last closing. A tag in code, in quotes or in the
    middle of a sentence is spoken of, not used. A close tag without an opening means that the
    prompt opened it. Without any tag all text is reasoning (``plain``).

    Args:
        text: What the model wrote, special tokens included where they were kept.
        prompt: What it was sent, if known; an opening tag at its end opens the reasoning.

    >>> split_output("<think>\n1 + 1 = 2.\n</think>\n\nTwo.")
    Output(opening='<think>\n', reasoning='1 + 1 = 2.', closing='\n</think>\n\n', answer='Two.', form='tags')
    >>> split_output("1 + 1 = 2.</think>Two.").answer
    'Two.'
    >>> split_output("<think>1 + 1 =").form
    'unclosed'
    """  # noqa: E501
    channels = split_channels(text, prompt)
    if channels is not None:
        return _parts(text, *channels)
    tags = list(_tags(text))
    opened = _opening(text, prompt, tags)
    if opened is None:
        closed = next((tag for tag in tags if tag.closes is None and not tag.mention), None)
        if closed is None:
            return Output("", text, "", "", "plain")
        return _parts(text, 0, *_around(text, closed), "tags")
    start, wanted = opened
    closing = _closing(text, [tag for tag in tags if tag.start >= start], wanted)
    if closing is None:
        return _parts(text, start, len(text), len(text), "unclosed")
    return _parts(text, start, *_around(text, closing), "tags")


def _parts(text: str, start: int, end: int, answer: int, form: ReasoningForm) -> Output:
    """The output cut at three places, with white space at the borders given to the tags."""
    start = _past_space(text, start, end)
    while end > start and form != "unclosed" and text[end - 1].isspace():
        end -= 1
    return Output(text[:start], text[start:end], text[end:answer], text[answer:], form)


def _past_space(text: str, start: int, end: int) -> int:
    match = _SPACE.match(text, start, end)
    return match.end() if match else start


def _around(text: str, closed: _Tag) -> tuple[int, int]:
    after = _AFTER_CLOSE.match(text, closed.end)
    return closed.start, after.end() if after else closed.end


def _tags(text: str) -> Iterator[_Tag]:
    """All tags in order, each judged whether it is used or only spoken of."""
    fenced = "```" in text or "~~~" in text
    fences = [match.start() for match in _FENCE.finditer(text)] if fenced else []
    passed = 0
    for match in _TAG.finditer(text):
        while passed < len(fences) and fences[passed] < match.start():
            passed += 1
        in_code = passed % 2 == 1 and passed < len(fences)
        yield _Tag(
            match.start(),
            match.end(),
            _CLOSES[match.group().casefold()] if match["open"] else None,
            match.group().casefold(),
            in_code or _is_mention(text, match.start(), match.end()),
        )


def _is_mention(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:] and after and before[-1] in _QUOTES and after[0] in _QUOTES:
        return True
    line = text[max(0, start - _LINE_LOOK_BACK) : start].rpartition("\n")[2]
    if line.count("`") % 2 == 1 and "`" in text[end : end + _LINE_LOOK_BACK].partition("\n")[0]:
        return True
    in_sentence = (
        len(before) == 2 and before[1] == " " and (before[0].islower() or before[0] in ",(")
    )
    runs_on = after[:1] in tuple(",.;:)") or (after[:1] == " " and after[1:].islower())
    return in_sentence and runs_on


def _opening(text: str, prompt: str, tags: list[_Tag]) -> tuple[int, str] | None:
    """Where the reasoning starts and which tag will close it; None: nothing opens it."""
    preamble = _PREAMBLE.match(text)
    begin = preamble.end() if preamble else 0
    first = next((tag for tag in tags if tag.closes is not None), None)
    if first is not None and first.start == begin and first.closes is not None:
        return _repeated(text, tags, first), first.closes
    ending = prompt[-200:].rstrip().casefold()
    for opened, closed in _CLOSES.items():
        if ending.endswith(opened):
            return 0, closed
    used = next((tag for tag in tags if not tag.mention), None)
    if used is not None and used.closes is not None and _starts_line(text, used.start):
        return used.end, used.closes
    return None


def _repeated(text: str, tags: list[_Tag], first: _Tag) -> int:
    """The end of an opening tag that some models write twice in a row."""
    end = first.end
    for tag in tags:
        again = tag.start >= end and tag.text == first.text
        if again and not text[end : tag.start].strip():
            end = tag.end
        elif tag.start >= end:
            break
    return end


def _starts_line(text: str, start: int) -> bool:
    line = text[max(0, start - _LINE_LOOK_BACK) : start].rpartition("\n")[2]
    return not line.strip()


def _closing(text: str, tags: list[_Tag], wanted: str) -> _Tag | None:
    """The tag that ends the last block of reasoning; None: the last block never closes."""
    closes = [tag for tag in tags if tag.text == wanted]
    if all(tag.mention for tag in closes):
        return next((tag for tag in closes if _starts_line(text, tag.start)), None)
    closing: _Tag | None = None
    inside, adjacent = True, 0
    for tag in tags:
        if tag.mention:
            continue
        if inside and tag.text == wanted:
            closing, inside = tag, False
            adjacent = _past_space(text, tag.end, len(text))
        elif not inside and tag.closes is not None:
            inside = tag.start == adjacent or _starts_line(text, tag.start)
            wanted = tag.closes if inside else wanted
    return None if inside else closing
