"""What a stranger reads first: few findings, and those that answer the first three questions."""

from pathlib import Path

from reasonscope.instruments import OURS
from reasonscope.measuring import measure
from reasonscope.traces.store import Study

FIRST = {tool.name: tool.headlines for tool in OURS}


def test_how_often_right_tokens_after_it_and_whether_reflection_helped_are_headlines() -> None:
    assert FIRST["answers"] == ("accuracy_share",)
    assert FIRST["flips"] == ("tokens_after_right_share", "reflection_gain_points")


def test_no_instrument_but_flips_has_two_headlines() -> None:
    assert {name for name, held in FIRST.items() if len(held) > 1} == {"flips"}


def test_a_plain_study_has_six_headlines_at_most() -> None:
    """Length, premises and hints have theirs only where the study was made for them."""
    designed = {"length", "premises", "hints"}
    assert sum(len(held) for name, held in FIRST.items() if name not in designed) <= 6


def test_every_headline_is_a_finding_of_its_instrument(tmp_path: Path) -> None:
    named = [name for name, held in FIRST.items() if held]
    found = measure(Study.create(tmp_path / "empty"), named, workers=1)
    made = {(one.instrument, one.name) for one in found}
    assert {(name, headline) for name in named for headline in FIRST[name]} <= made
