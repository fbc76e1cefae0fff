"""Sampling with one's own dice: right against transformers, and the same in any company."""

import dataclasses

import pytest
import torch

from reasonscope.models.decoding import TorchEngine, choose, encode_prompt
from reasonscope.models.generation import Progress, Sampling, attempt_key, sample_traces
from reasonscope.models.loading import LoadedModel
from reasonscope.models.prompts import instruction
from reasonscope.models.token_text import decode
from reasonscope.traces.schema import ErrorRow, Problem, Reading, Trace

WARM = Sampling(temperature=1.0, top_p=0.9, max_tokens=24, seed=3)
ASKED = [
    Problem.make(text, answer_kind="number")
    for text in (
        "1 + 1 = ?",
        "What is the sum of one and one and one and one, step by step?",
        "2 + 2 = ?",
        "naïve café 你好 😀",
        "Sum?",
    )
]


def traces(
    loaded: LoadedModel, problems: list[Problem], sampling: Sampling, batch: int = 5
) -> dict[str, Trace]:
    rows = list(sample_traces(TorchEngine(loaded, batch), problems, 1, sampling))
    assert not [row for row in rows if isinstance(row, ErrorRow)]
    return {row.problem.problem_id: row.trace for row in rows if isinstance(row, Reading)}


def logits_of(*shares: float) -> torch.Tensor:
    return torch.tensor([shares]).log()


def picked(logits: torch.Tensor, sampling: Sampling, die: float) -> int:
    return int(choose(logits, sampling, [die])[0])


# -- the draw ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("die", "token"), [(0.0, 0), (0.19, 0), (0.21, 1), (0.69, 1), (0.71, 2), (0.999999, 2)]
)
def test_a_die_picks_the_stretch_it_falls_into(die: float, token: int) -> None:
    assert picked(logits_of(0.2, 0.5, 0.3), Sampling(temperature=1, top_p=1), die) == token


def test_top_p_below_the_likeliest_leaves_it_alone() -> None:
    sampling = Sampling(temperature=1, top_p=0.49)
    assert {picked(logits_of(0.2, 0.5, 0.3), sampling, die) for die in (0.0, 0.5, 0.99)} == {1}


def test_top_p_takes_the_token_that_crosses_the_share() -> None:
    sampling = Sampling(temperature=1, top_p=0.51)
    assert {picked(logits_of(0.2, 0.5, 0.3), sampling, die) for die in (0.0, 0.62, 0.63, 0.99)} == {
        1,
        2,
    }


def test_ties_at_the_edge_stay_together() -> None:
    sampling = Sampling(temperature=1, top_p=0.3)
    assert {picked(logits_of(0.25, 0.25, 0.25, 0.25), sampling, k / 8) for k in range(8)} == {
        0,
        1,
        2,
        3,
    }


def test_shares_of_an_even_grid_are_the_probabilities() -> None:
    """Inverse transform: a grid of 1000 dice gives each token its share exactly."""
    dice = [(k + 0.5) / 1000 for k in range(1000)]
    logits = logits_of(0.125, 0.5, 0.375).expand(1000, 3)
    tokens, _ = choose(logits, Sampling(temperature=1, top_p=1), dice)
    assert tokens.bincount().tolist() == [125, 500, 375]


def test_half_the_temperature_squares_the_odds() -> None:
    dice = [(k + 0.5) / 1000 for k in range(1000)]
    tokens, _ = choose(
        logits_of(0.25, 0.75).expand(1000, 2), Sampling(temperature=0.5, top_p=1), dice
    )
    assert tokens.bincount().tolist() == [100, 900]  # 1 : 9


def test_a_flat_row_beyond_the_likeliest_512_is_sorted_whole() -> None:
    flat = torch.zeros(1, 4000)
    flat[0, 3999] = -1.0  # a bit less likely: the only one to go
    sampling = Sampling(temperature=1, top_p=0.9999)
    assert picked(flat, sampling, 0.9999999) == 3998
    assert picked(flat, sampling, 0.5) == 1999


def test_logprobs_are_over_the_whole_vocabulary_before_the_cut() -> None:
    token, logprob = choose(logits_of(0.2, 0.5, 0.3), Sampling(temperature=1, top_p=0.49), [0.9])
    assert (int(token), float(logprob)) == (1, pytest.approx(-0.6931, abs=1e-3))


def test_a_die_at_the_very_top_gives_no_impossible_token() -> None:
    sampling = Sampling(temperature=1, top_p=0.6)
    assert picked(logits_of(0.5, 0.4, 0.1, 0.0), sampling, 1 - 1e-16) == 1


# -- against transformers ------------------------------------------------------------------


def test_greedy_is_what_generate_gives(tiny: LoadedModel) -> None:
    ours = traces(tiny, ASKED, Sampling(temperature=0, max_tokens=24))
    for problem in ASKED:
        _, ids = encode_prompt(tiny.tokenizer, instruction(problem))
        theirs = tiny.model.generate(
            torch.tensor([ids]),
            attention_mask=torch.ones(1, len(ids), dtype=torch.long),
            do_sample=False,
            max_new_tokens=24,
        )
        assert list(ours[problem.problem_id].token_ids or ()) == theirs[0, len(ids) :].tolist()


def test_logprobs_are_those_of_one_pass_over_the_whole_text(tiny: LoadedModel) -> None:
    for problem, trace in zip(ASKED, traces(tiny, ASKED, WARM).values(), strict=True):
        _, ids = encode_prompt(tiny.tokenizer, instruction(problem))
        drawn = list(trace.token_ids or ())
        with torch.inference_mode():
            logits = tiny.model(torch.tensor([ids + drawn])).logits[0, len(ids) - 1 : -1]
        each = logits.log_softmax(-1)[range(len(drawn)), drawn]
        assert trace.token_logprobs == pytest.approx(each.tolist(), abs=1e-4)


# -- alone and in company ------------------------------------------------------------------


def test_an_attempt_alone_gives_the_tokens_it_gives_among_five(tiny: LoadedModel) -> None:
    together = traces(tiny, ASKED, WARM, batch=5)
    for problem in ASKED:
        alone = traces(tiny, [problem], WARM, batch=1)[problem.problem_id]
        assert alone.token_ids == together[problem.problem_id].token_ids
        assert alone.trace_id == together[problem.problem_id].trace_id


def test_more_room_only_adds_tokens(tiny: LoadedModel) -> None:
    short = traces(tiny, ASKED, dataclasses.replace(WARM, max_tokens=5))
    for problem_id, trace in traces(tiny, ASKED, WARM).items():
        assert (trace.token_ids or ())[:5] == short[problem_id].token_ids


def test_control_another_seed_gives_other_tokens(tiny: LoadedModel) -> None:
    one = traces(tiny, ASKED, WARM)
    other = traces(tiny, ASKED, dataclasses.replace(WARM, seed=4))
    assert all(one[key].token_ids != other[key].token_ids for key in one)


def test_samples_of_one_problem_differ(tiny: LoadedModel) -> None:
    rows = list(sample_traces(TorchEngine(tiny, 4), ASKED[:1], 4, WARM))
    assert len({row.trace.token_ids for row in rows if isinstance(row, Reading)}) == 4


def test_a_run_that_was_broken_off_ends_with_the_very_same_rows(tiny: LoadedModel) -> None:
    engine = TorchEngine(tiny, 2)
    whole = list(sample_traces(engine, ASKED, 2, WARM))
    done = {attempt_key(row) for row in whole[:5]}
    assert whole[:5] + list(sample_traces(engine, ASKED, 2, WARM, done)) == whole


# -- how an output ends --------------------------------------------------------------------


def test_every_trace_spells_its_tokens(tiny: LoadedModel) -> None:
    for trace in traces(tiny, ASKED, WARM).values():
        spoken = [i for i in trace.token_ids or () if i not in tiny.ends]
        assert trace.text == decode(tiny.tokenizer, spoken)
        assert trace.token_ends is not None
        assert trace.token_ends[-1] == len(trace.text)


def test_length_is_why_it_ended_when_nothing_stops_it(tiny: LoadedModel) -> None:
    trace = traces(tiny, ASKED[:1], Sampling(temperature=0, max_tokens=3))[ASKED[0].problem_id]
    assert (trace.finish_reason, len(trace.token_ids or ())) == ("length", 3)


def test_the_stop_token_is_kept_but_takes_no_room_in_the_text(fresh: LoadedModel) -> None:
    free = traces(fresh, ASKED[:1], WARM)[ASKED[0].problem_id]
    assert free.token_ids is not None
    fresh.model.generation_config.eos_token_id = [free.token_ids[4]]
    before = free.token_ids.index(free.token_ids[4])
    trace = traces(fresh, ASKED[:1], WARM)[ASKED[0].problem_id]
    assert trace.finish_reason == "stop"
    assert trace.token_ids == free.token_ids[: before + 1]
    assert trace.text == decode(fresh.tokenizer, free.token_ids[:before])
    assert trace.token_ends is not None
    assert trace.token_ends[-1] == len(trace.text)


def test_rows_that_stop_leave_the_others_as_they_were(fresh: LoadedModel) -> None:
    free = traces(fresh, ASKED, WARM)
    stops = {trace.token_ids[6] for trace in list(free.values())[:2] if trace.token_ids}
    fresh.model.generation_config.eos_token_id = sorted(stops)
    for problem_id, trace in traces(fresh, ASKED, WARM).items():
        count = len(trace.token_ids or ())
        assert trace.token_ids == (free[problem_id].token_ids or ())[:count]
        assert (trace.finish_reason == "stop") == ((trace.token_ids or ())[-1] in stops)


def test_the_template_and_the_question_are_the_prompt(tiny: LoadedModel) -> None:
    trace = traces(tiny, ASKED[:1], WARM)[ASKED[0].problem_id]
    assert trace.prompt == f"<|user|>{instruction(ASKED[0])}<|end|><|assistant|>"


def test_without_a_template_the_prompt_is_plain_text(fresh: LoadedModel) -> None:
    fresh.tokenizer.chat_template = None
    trace = traces(fresh, ASKED[:1], WARM)[ASKED[0].problem_id]
    assert trace.prompt == f"{instruction(ASKED[0])}\n\nSolution:\n"


def test_a_tag_that_the_template_opens_opens_the_reasoning(fresh: LoadedModel) -> None:
    fresh.tokenizer.chat_template += "{% if add_generation_prompt %}<think>{% endif %}"
    trace = traces(fresh, ASKED[:1], WARM)[ASKED[0].problem_id]
    assert trace.prompt.endswith("<think>")
    assert trace.form in ("tags", "unclosed")
    assert trace.opening == ""


def test_where_it_came_from_stays_with_the_trace(tiny: LoadedModel) -> None:
    trace = traces(tiny, ASKED[:1], WARM)[ASKED[0].problem_id]
    assert trace.model == tiny.name
    assert f'"revision": "{tiny.revision}"' in trace.extra
    assert '"dtype": "float32"' in trace.extra


# -- failures are rows ---------------------------------------------------------------------


def test_a_prompt_that_does_not_fit_is_a_row_and_its_neighbours_live(tiny: LoadedModel) -> None:
    long = Problem.make("again " * 1000)
    rows = list(sample_traces(TorchEngine(tiny, 3), [ASKED[0], long, ASKED[1]], 1, WARM))
    failed = [row for row in rows if isinstance(row, ErrorRow)]
    assert len(rows) == 3
    assert [attempt_key(row) for row in failed] == [(long.problem_id, 0)]
    assert "the model holds 512" in failed[0].error


def test_an_output_ends_where_the_model_does(tiny: LoadedModel) -> None:
    prompt = len(encode_prompt(tiny.tokenizer, instruction(ASKED[0]))[1])
    sampling = Sampling(temperature=0, max_tokens=9999)
    trace = traces(tiny, ASKED[:1], sampling)[ASKED[0].problem_id]
    assert len(trace.token_ids or ()) <= 512 - prompt


def test_logits_that_are_not_numbers_are_an_error_not_a_trace(fresh: LoadedModel) -> None:
    with torch.no_grad():
        fresh.model.lm_head.weight[5] = float("nan")
    (row,) = sample_traces(TorchEngine(fresh), ASKED[:1], 1, WARM)
    assert isinstance(row, ErrorRow)
    assert "not finite" in row.error


def test_a_template_that_fails_is_an_error_row(fresh: LoadedModel) -> None:
    fresh.tokenizer.chat_template = "{{ raise_exception('no user here') }}"
    (row,) = sample_traces(TorchEngine(fresh), ASKED[:1], 1, WARM)
    assert isinstance(row, ErrorRow)
    assert "no user here" in row.error


def test_what_torch_refuses_is_a_row_for_each_of_the_batch(fresh: LoadedModel) -> None:
    fresh.model.lm_head = torch.nn.Linear(7, 7)
    rows = list(sample_traces(TorchEngine(fresh, 2), ASKED[:2], 1, WARM))
    assert [type(row) for row in rows] == [ErrorRow, ErrorRow]


def test_progress_sees_every_token(tiny: LoadedModel) -> None:
    seen: list[Progress] = []
    rows = list(sample_traces(TorchEngine(tiny), ASKED, 1, WARM, progress=seen.append))
    drawn = sum(len(row.trace.token_ids or ()) for row in rows if isinstance(row, Reading))
    assert seen[-1].tokens == drawn
    assert seen[-1].done == 5
