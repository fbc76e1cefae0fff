"""Reasoning and answer in gpt-oss's harmony format, where each message names its channel."""

import re
from typing import Literal

Channels = tuple[int, int, int, Literal["channels", "unclosed"]]
"""Start of reasoning, end of reasoning, start of the answer, form."""

_HEADER = re.compile(
    r"(?P<stop><\|(?:end|call|return)\|>\s{0,8}+)?"
    r"(?P<start><\|start\|>[^<]{0,120}+)?"
    r"<\|channel\|>(?P<channel>[A-Za-z]{1,20}+)[^<]{0,200}+(?:<\|constrain\|>[^<]{0,60}+)?"
    r"<\|message\|>"
)
_PROMPT = re.compile(r"<\|channel\|>(analysis|commentary)[^<]{0,200}+<\|message\|>\s*\Z")
_LAST_END = re.compile(r"<\|(?:end|call)\|>")
_BARE = "analysis"
_BARE_FINAL = "assistantfinal"


def split_channels(text: str, prompt: str) -> Channels | None:
    """Where reasoning and answer lie in text with channels; None: the text has none.

    All messages before the last ``final`` one are reasoning, their inner headers included. Also
    knows the form in which decoding dropped the special tokens (``analysis…assistantfinal…``).
    """
    found = _HEADER.finditer(text) if "<|channel|>" in text else ()
    headers = [match for match in found if _is_used(match)]
    opened_by_prompt = _PROMPT.search(prompt[-400:]) is not None
    if not headers and not opened_by_prompt:
        return _bare(text)
    starts_inside = opened_by_prompt and not (headers and headers[0].start() == 0)
    start = 0 if starts_inside else headers[0].end()
    final = [match for match in headers if match["channel"].lower() == "final"]
    if not final:
        return start, len(text), len(text), "unclosed"
    last = final[-1]
    return min(start, last.start()), last.start(), last.end(), "channels"


def _is_used(match: re.Match[str]) -> bool:
    """A header counts at the start of the text or after the end of another message."""
    return bool(match["stop"] or match["start"]) or not match.string[: match.start()].strip()


def _bare(text: str) -> Channels | None:
    after = text[len(_BARE) : len(_BARE) + 1]
    if not text.startswith(_BARE) or not after or after.islower() or after == " ":
        return None
    final = text.rfind(_BARE_FINAL)
    if final < 0:
        return None
    return len(_BARE), final, final + len(_BARE_FINAL), "channels"
