"""Settings from a file and flags: all that is wrong at once, and a run keeps its own."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reasonscope.training.sft_settings as sft_settings
from reasonscope.errors import SetupError
from reasonscope.training.rlvr.settings import RLSettings
from reasonscope.training.settings import (
    described,
    flags_of,
    from_sources,
    pin,
    several_from_sources,
    typed,
)
from reasonscope.training.sft_settings import SFTSettings, rate_share


def written(folder: Path, text: str) -> Path:
    (folder / "run.toml").write_text(text)
    return folder / "run.toml"


def problems_of(function, *arguments: object) -> tuple[str, ...]:
    with pytest.raises(SetupError) as caught:
        function(*arguments)
    return caught.value.problems


def test_flags_go_before_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, 'model = "m"\nout = "o"\nlearning-rate = 1e-3\nseed = 4\n')
    held = from_sources(SFTSettings, file, {"seed": "5"})
    assert (held.learning_rate, held.seed, held.model) == (1e-3, 5, "m")


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    file = written(tmp_path, 'out = "o"\nlearnign_rate = 1\nsteps = 0\nkeep_order = "perhaps"\n')
    said = problems_of(from_sources, SFTSettings, file, {"tokens": "many", "schedule": "slow"})
    assert said == (
        "there is no setting 'learnign_rate'; did you mean 'learning_rate'?",
        "model is missing: give --model, or model = … in the file",
        "tokens must be a whole number, found 'many'",
        "keep_order must be true or false, found 'perhaps'",
        "steps must be at least 1, found 0",
        "schedule must be one of constant, linear, cosine, found 'slow'",
    )


def test_an_unknown_name_that_is_near_nothing_lists_all() -> None:
    (said,) = problems_of(from_sources, SFTSettings, None, {"model": "m", "out": "o", "zzz": "1"})
    assert "there are: accumulate, device," in said


def test_a_file_that_is_no_toml_is_said_with_the_rest(tmp_path: Path) -> None:
    said = problems_of(from_sources, SFTSettings, written(tmp_path, "= = ="), {"out": "o"})
    assert "cannot be read" in said[0]
    assert "model is missing" in said[1]


def test_a_number_is_not_a_truth_and_a_truth_not_a_number() -> None:
    with pytest.raises(ValueError, match="a whole number, found True"):
        typed(True, int)
    with pytest.raises(ValueError, match="a number, found True"):
        typed(True, float)
    with pytest.raises(ValueError, match="true or false, found 2"):
        typed(2, bool)
    with pytest.raises(ValueError, match=r"a whole number, found 2\.5"):
        typed(2.5, int)
    with pytest.raises(ValueError, match="a number, found 'nan'"):
        typed("nan", float)
    with pytest.raises(ValueError, match="text, found 3"):
        typed(3, str | Path)


def test_none_is_written_none() -> None:
    assert typed("none", int | None) is None
    assert typed("7", int | None) == 7
    assert typed("none", str) == "none"


def test_weights_are_a_table_or_one_line(tmp_path: Path) -> None:
    line = from_sources(RLSettings, None, {"model": "m", "out": "o", "rewards": "outcome,form=.2"})
    file = written(tmp_path, 'model = "m"\nout = "o"\n[rewards]\noutcome = 1\nform = 0.2\n')
    assert line.rewards == from_sources(RLSettings, file).rewards == {"outcome": 1.0, "form": 0.2}
    with pytest.raises(ValueError, match="each weight is a number"):
        typed("outcome=much", Mapping[str, float])
    with pytest.raises(ValueError, match="or a table"):
        typed(3, Mapping[str, float])


def test_several_records_share_one_file() -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Sources:
        problems: str = "chain"

    sft, sources = several_from_sources(
        (SFTSettings, Sources), None, {"model": "m", "out": "o", "problems": "relay"}
    )
    assert (sft.model, sources.problems) == ("m", "relay")


def test_flags_of_a_command_line() -> None:
    assert flags_of(["--a-b", "1", "--c=x=y", "--d", "--no-e", "--f", "-2"]) == {
        "a_b": "1",
        "c": "x=y",
        "d": "true",
        "e": "false",
        "f": "-2",
    }
    with pytest.raises(SetupError, match="'stray' is not a setting"):
        flags_of(["stray", "--a", "1"])
    assert flags_of(["-n", "5", "--switch", "-m", "x"]) == {"n": "5", "switch": "true", "m": "x"}


@given(st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}[a-z]", fullmatch=True), st.integers()))
def test_flags_come_back_as_they_were_given(held: dict[str, int]) -> None:
    words = [w for name, v in held.items() for w in (f"--{name.replace('_', '-')}", str(v))]
    assert flags_of(words) == {name: str(value) for name, value in held.items()}


def test_help_is_read_from_the_source() -> None:
    told = described(Path(sft_settings.__file__), "SFTSettings")
    assert [name for name, _, _ in told] == [f.name for f in dataclasses.fields(SFTSettings)]
    lines = {name: (default, line) for name, default, line in told}
    assert lines["save_every"] == (
        "500",
        "Steps between checkpoints; the last step always has one.",
    )
    assert all(line for _, line in lines.values()), "every setting says what it is"


def test_a_default_that_is_made_anew_is_shown_as_what_is_made() -> None:
    told = described(Path(sft_settings.__file__).parent / "rlvr" / "settings.py", "RLSettings")
    assert {name: default for name, default, _ in told}["rewards"] == "{'outcome': 1.0}"
    assert all(line for _, _, line in told), "every setting says what it is"


def test_a_run_keeps_its_settings_and_says_which_differ(tmp_path: Path) -> None:
    first = SFTSettings(model="m", out=tmp_path, seed=1)
    pin(tmp_path, first, examples="a1")
    pin(tmp_path, first, examples="a1")
    other = dataclasses.replace(first, seed=2, learning_rate=0.5)
    assert problems_of(lambda: pin(tmp_path, other, examples="b2")) == (
        "examples: the run has 'a1', this command 'b2'",
        "learning_rate: the run has 2e-05, this command 0.5",
        "seed: the run has 1, this command 2",
    )


def test_how_a_run_is_computed_may_change(tmp_path: Path) -> None:
    first = SFTSettings(model="m", out=tmp_path)
    pin(tmp_path, first)
    pin(tmp_path, dataclasses.replace(first, threads=1, save_every=7, log_every=1))


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="choose another --out"):
        pin(tmp_path / "file" / "run", SFTSettings(model="m", out="o"))


def test_rates_by_hand() -> None:
    assert [rate_share(s, 4, 0, "constant") for s in range(4)] == [1, 1, 1, 1]
    assert rate_share(2, 4, 0, "cosine") == pytest.approx(0.5)
    assert rate_share(0, 10, 5, "cosine") == pytest.approx(0.2)


@given(st.integers(1, 300), st.integers(0, 300), st.sampled_from(["constant", "linear", "cosine"]))
def test_no_step_has_a_rate_below_none_or_above_all(steps: int, warmup: int, kind: str) -> None:
    shares = [rate_share(step, steps, warmup, kind) for step in range(steps)]
    assert all(0 <= share <= 1 for share in shares)
    assert shares[0] > 0
