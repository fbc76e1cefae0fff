"""What a stranger reads first: few findings, and those that answer the first three questions."""

from pathlib import Path

from reasonscope.dynamics.recorded import TABLE, Recorded
from reasonscope.instruments import OURS
from reasonscope.measuring import measure
from reasonscope.traces.store import Study

FIRST = {tool.name: tool.headlines for tool in OURS}


def test_how_often_right_tokens_after_it_and_whether_reflection_helped_are_headlines() -> None:
    assert FIRST["answers"] == ("accuracy_share",)
    assert FIRST["flips"] == ("tokens_after_right_share", "reflection_gain_points")


def test_of_those_that_look_at_traces_only_flips_has_two_headlines() -> None:
    looking = {tool.name for tool in OURS if tool.examine is not None}
    assert {name for name in looking if len(FIRST[name]) > 1} == {"flips"}
    assert max(len(held) for held in FIRST.values()) <= 2


def test_a_plain_study_has_six_headlines_at_most() -> None:
    """Length, premises, hints and what reads training have theirs only where a study is of that."""
    designed = {"length", "premises", "hints"}
    designed |= {tool.name for tool in OURS if tool.examine is None}
    assert sum(len(held) for name, held in FIRST.items() if name not in designed) <= 6


def test_every_headline_is_a_finding_of_its_instrument(tmp_path: Path) -> None:
    named = [tool.name for tool in OURS if tool.headlines and tool.examine is not None]
    found = measure(Study.create(tmp_path / "empty"), named, workers=1)
    made = {(one.instrument, one.name) for one in found}
    assert {(name, headline) for name in named for headline in FIRST[name]} <= made


def test_the_headlines_of_a_run_are_findings_of_a_recorded_one(tmp_path: Path) -> None:
    """Sixty honest steps, entropy falling, reward and truth rising; no alarm has a step."""
    study = Study.create(tmp_path / "run")
    for step in range(60):
        entropy = 0.9 - 0.01 * step + 0.01 * (step % 3)
        values = {"reward": 0.2 + 0.005 * step, "truth_share": 0.2 + 0.005 * step}
        rows = [
            Recorded(run="run", step=step, name=name, value=value, error=0.02, n=256)
            for name, value in {**values, "entropy_nats": entropy}.items()
        ]
        study.write_part(TABLE, f"run-{step:03d}", rows)
    named = ["curves", "entropy_law"]
    made = {(one.instrument, one.name) for one in measure(study, [*named, "alarm"], workers=1)}
    assert {(name, headline) for name in named for headline in FIRST[name]} <= made
    assert "alarm" in {instrument for instrument, _ in made}
    assert not made & {("alarm", headline) for headline in FIRST["alarm"]}
