"""Shared-prefix decoding: the same rollout in any company, and nothing left behind."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from reasonscope.errors import SetupError
from reasonscope.models.continuing import Continuation, Continued, Uncontinued
from reasonscope.models.decoding import TorchEngine, choose
from reasonscope.models.generation import Sampling, sample_traces
from reasonscope.models.loading import LoadedModel
from reasonscope.models.shared_prefix import SharedPrefix
from reasonscope.models.shared_prefix.attention import merged, part
from reasonscope.models.shared_prefix.drawing import draw
from reasonscope.models.shared_prefix.spelling import spelling
from reasonscope.traces.schema import Problem, Reading, Trace

PROBLEM = Problem.make("What is one and one?")
WARM = Sampling(temperature=0.8, top_p=0.95)


@pytest.fixture(scope="module")
def trace(tiny: LoadedModel) -> Trace:
    """Of the tiny model itself, with its tokens."""
    sampling = Sampling(temperature=0.8, max_tokens=40)
    (row,) = sample_traces(TorchEngine(tiny), [PROBLEM], 1, sampling)
    assert isinstance(row, Reading)
    return row.trace


def asked(trace: Trace, count: int = 12, limit: int = 16, **more: str) -> list[Continuation]:
    """Prefixes all over the trace, with different limits."""
    places = len(trace.text)
    return [
        Continuation(kept=i * places // count, seed=i, limit=limit + i % 5, **more)
        for i in range(count)
    ]


def drawn_by(
    engine: SharedPrefix, trace: Trace, asked: list[Continuation], sampling: Sampling = WARM
) -> dict[Continuation, Continued]:
    rows = list(engine.continued(trace, iter(asked), sampling))
    assert all(isinstance(row, Continued) for row in rows), rows
    assert len(rows) == len(asked)
    return {row.asked: row for row in rows if isinstance(row, Continued)}


# -- attention -----------------------------------------------------------------------------


def test_two_parts_merge_to_the_softmax_over_both() -> None:
    torch.manual_seed(0)
    query, keys, values = (torch.randn(3, n, 8) for n in (5, 11, 11))
    whole = torch.softmax(query @ keys.transpose(1, 2), dim=-1) @ values
    for cut in (1, 4, 10):
        one = part(query, keys[:, :cut], values[:, :cut])
        other = part(query, keys[:, cut:], values[:, cut:])
        assert torch.allclose(merged(one, other), whole, atol=1e-5)


def test_scores_of_hundreds_do_not_overflow() -> None:
    query, keys = torch.full((1, 1, 4), 30.0), torch.eye(4)[None] * 30
    assert torch.allclose(
        merged(part(query, keys, keys), part(query, keys, keys)).sum(), keys.sum() / 4
    )


def test_a_part_that_sees_nothing_adds_nothing() -> None:
    query, keys = torch.ones(1, 1, 4), torch.eye(4)[None]
    blind = part(query, keys * 5, keys * 5, torch.full((1, 4), -1e30))
    assert torch.equal(merged(blind, part(query, keys, keys)), part(query, keys, keys).output)


# -- the same rollout in any company -------------------------------------------------------


def test_a_rollout_is_the_same_alone_in_any_slot_and_in_any_order(
    tiny: LoadedModel, trace: Trace
) -> None:
    wanted = asked(trace)
    together = drawn_by(SharedPrefix(tiny), trace, wanted)
    for slots in (1, 2, 5):
        assert drawn_by(SharedPrefix(tiny, slots=slots), trace, wanted) == together
    assert drawn_by(SharedPrefix(tiny, slots=5), trace, wanted[::-1]) == together
    for one in wanted[::4]:
        assert drawn_by(SharedPrefix(tiny), trace, [one]) == {one: together[one]}


def test_control_another_seed_gives_another_rollout(tiny: LoadedModel, trace: Trace) -> None:
    one = Continuation(kept=10, seed=1, limit=16)
    engine = SharedPrefix(tiny)
    assert (
        drawn_by(engine, trace, [one])[one].token_ids
        != drawn_by(engine, trace, [other := replace(one, seed=2)])[other].token_ids
    )


def test_what_must_be_written_is_written_once_for_all_who_share_it(
    tiny: LoadedModel, trace: Trace
) -> None:
    """Followers copy their leader's slot; each alone writes for itself. Both draw the same."""
    wanted = [
        Continuation(kept=kept, inserted=text, seed=seed, limit=12)
        for kept in (0, 9)
        for text in ("", " Answer: two", "é naïve")
        for seed in range(3)
    ]
    together = drawn_by(SharedPrefix(tiny), trace, wanted)
    assert drawn_by(SharedPrefix(tiny, slots=1), trace, wanted) == together
    assert drawn_by(SharedPrefix(tiny, slots=4), trace, wanted[::-1]) == together


def test_tokens_are_those_that_choose_draws_from_the_whole_text(
    tiny: LoadedModel, trace: Trace
) -> None:
    """Teacher forced: one full forward over prefix and rollout, and the same dice."""
    spelt = spelling(tiny, trace)
    for one, row in drawn_by(SharedPrefix(tiny, slots=3), trace, asked(trace)).items():
        start, over = spelt.cut(one.kept)
        ids = [*spelt.ids[:start], *(() if over.isspace() else spelt.encode(over, start) or ())]
        told = list(row.token_ids or ())
        with torch.inference_mode():
            logits = tiny.model(torch.tensor([ids + told])).logits[0, len(ids) - 1 : -1]
        dice = np.random.default_rng(one.seed).random(one.limit)[: len(told)]
        assert choose(logits, WARM, dice.tolist())[0].tolist() == told


def test_token_frequencies_are_the_models(tiny: LoadedModel, trace: Trace) -> None:
    kept = (trace.token_ends or ())[9]
    sampling = Sampling(temperature=0.7, top_p=1)
    wanted = [Continuation(kept=kept, seed=seed, limit=1) for seed in range(4000)]
    rows = drawn_by(SharedPrefix(tiny), trace, wanted, sampling)
    counts = Counter((row.token_ids or ())[0] for row in rows.values())
    spelt = spelling(tiny, trace)
    with torch.inference_mode():
        logits = tiny.model(torch.tensor([spelt.ids[: spelt.cut(kept)[0]]])).logits[0, -1]
    shares = (logits / 0.7).double().softmax(-1).numpy() * 4000
    common = np.flatnonzero(shares >= 5)
    seen = [counts[int(i)] for i in common]
    seen, expected = [*seen, 4000 - sum(seen)], [*shares[common], 4000 - shares[common].sum()]
    assert chisquare(seen, expected).pvalue > 0.001
    wrong = (logits / 0.6).double().softmax(-1).numpy() * 4000  # control: another temperature
    expected = [*wrong[common], 4000 - wrong[common].sum()]
    assert chisquare(seen, expected).pvalue < 0.001


# -- slots ---------------------------------------------------------------------------------


def test_more_is_asked_only_when_there_is_room_and_after_what_came_back(
    tiny: LoadedModel, trace: Trace
) -> None:
    out: list[int] = []
    pulled: list[tuple[int, int]] = []

    def lazily() -> Iterator[Continuation]:
        for seed in range(9):
            pulled.append((seed, len(out)))
            yield Continuation(kept=5, seed=seed, limit=4)

    for row in SharedPrefix(tiny, slots=3).continued(trace, lazily(), WARM):
        out.append(row.asked.seed)
    assert sorted(out) == list(range(9))
    assert all(seed - back < 3 for seed, back in pulled)


def test_bytes_do_not_grow_with_the_rollouts(tiny: LoadedModel, trace: Trace) -> None:
    held = []
    for count in (10, 100):
        engine = SharedPrefix(tiny, slots=8)
        drawn_by(engine, trace, [Continuation(kept=9, seed=i, limit=6) for i in range(count)])
        held.append(engine.cache_bytes)
    assert held[0] == held[1] > 0


def test_longer_rollouts_get_fewer_slots_within_the_budget(tiny: LoadedModel, trace: Trace) -> None:
    token = 2 * 2 * 2 * 8 * 4  # layers, keys and values, heads, width, bytes
    engine = SharedPrefix(tiny, slots=64, budget=10 * 64 * token)
    wanted = [Continuation(kept=9, seed=i, limit=limit) for i in range(6) for limit in (20, 60)]
    alone = drawn_by(SharedPrefix(tiny, slots=1), trace, wanted)
    assert drawn_by(engine, trace, wanted) == alone
    assert engine._run is not None
    assert engine._run._table is not None
    assert (engine._run._table.slots.count, engine._run._table.slots.room) == (10, 64)


# -- ends ----------------------------------------------------------------------------------


def test_an_end_token_ends_it_and_is_not_text(fresh: LoadedModel, trace: Trace) -> None:
    one = Continuation(kept=7, seed=3, limit=16)
    free = drawn_by(SharedPrefix(fresh), trace, [one])[one]
    assert not free.ended
    ids = free.token_ids or ()
    fresh.model.generation_config.eos_token_id = [ids[6]]
    cut = drawn_by(SharedPrefix(fresh), trace, [one])[one]
    assert cut.ended
    assert cut.token_ids == ids[: ids.index(ids[6]) + 1]
    assert free.text.startswith(cut.text)


def test_without_template_and_end_token_the_limit_ends_it(fresh: LoadedModel) -> None:
    fresh.tokenizer.chat_template = None
    fresh.tokenizer.eos_token = None
    fresh.model.generation_config.eos_token_id = None
    told = Trace.make(PROBLEM, "one and one is two", prompt="What is one and one?\n")
    one = Continuation(kept=4, seed=3, limit=5)
    row = drawn_by(SharedPrefix(fresh), told, [one])[one]
    assert (row.tokens, row.ended) == (5, False)


def test_the_context_ends_it(tiny: LoadedModel, trace: Trace) -> None:
    one = Continuation(kept=5, seed=0, limit=100_000)
    row = drawn_by(SharedPrefix(tiny), trace, [one])[one]
    before = spelling(tiny, trace).cut(5)[0]
    assert row.ended or abs(before + row.tokens - tiny.context) <= 2
    assert row.tokens <= tiny.context - before


# -- what cannot be done -------------------------------------------------------------------


def only(engine: SharedPrefix, trace: Trace, one: Continuation) -> Continued | Uncontinued:
    (row,) = engine.continued(trace, [one], WARM)
    return row


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (Continuation(kept=10**6, seed=0, limit=4), "cannot be kept"),
        (Continuation(kept=-1, seed=0, limit=4), "cannot be kept"),
        (Continuation(kept=0, seed=0, limit=0), "no room"),
        (Continuation(kept=0, inserted="two " * 600, seed=0, limit=4), "no room"),
    ],
)
def test_what_cannot_be_asked_is_a_row(
    tiny: LoadedModel, trace: Trace, one: Continuation, why: str
) -> None:
    row = only(SharedPrefix(tiny), trace, one)
    assert isinstance(row, Uncontinued)
    assert why in row.why


def test_nan_from_one_token_breaks_its_rollout_and_no_other(
    fresh: LoadedModel, trace: Trace
) -> None:
    """The embedding of one token is NaN: who draws it is out, and leaves no NaN in the slot."""
    wanted = [Continuation(kept=9, seed=seed, limit=16) for seed in range(24)]
    clean = drawn_by(SharedPrefix(fresh, slots=4), trace, wanted)
    used = set(spelling(fresh, trace).ids)
    counts = Counter(i for row in clean.values() for i in set(row.token_ids or ()[:-1]) - used)
    poison = counts.most_common(1)[0][0]
    fresh.model.model.embed_tokens = torch.nn.Embedding.from_pretrained(
        fresh.model.model.embed_tokens.weight.detach().clone()
    )
    fresh.model.model.embed_tokens.weight[poison] = float("nan")
    rows = list(SharedPrefix(fresh, slots=4).continued(trace, wanted, WARM))
    broken = {row.asked for row in rows if isinstance(row, Uncontinued)}
    assert len(rows) == 24
    for row in rows:
        ids = clean[row.asked].token_ids or ()
        assert (row.asked in broken) == (poison in ids[:-1])
        assert row.asked in broken or row == clean[row.asked]
    assert 0 < len(broken) < 24
    assert all("not finite" in row.why for row in rows if isinstance(row, Uncontinued))


def test_a_trace_that_has_no_numbers_is_rows_too(fresh: LoadedModel, trace: Trace) -> None:
    with torch.no_grad():
        fresh.model.lm_head.weight[5] = float("nan")
    row = only(SharedPrefix(fresh), trace, Continuation(kept=3, seed=0, limit=4))
    assert isinstance(row, Uncontinued)


def test_a_trace_without_a_prompt_is_refused(tiny: LoadedModel, trace: Trace) -> None:
    with pytest.raises(SetupError, match="holds no prompt"):
        SharedPrefix(tiny).continued(replace(trace, prompt=""), [], WARM)


def test_tokens_of_another_tokenizer_are_refused(tiny: LoadedModel, trace: Trace) -> None:
    ids = trace.token_ids or ()
    for wrong in ((*ids[:-1], (ids[-1] + 1) % 300), (*ids[:-1], 10**6)):
        with pytest.raises(SetupError, match="wrong tokenizer for a stored trace"):
            SharedPrefix(tiny).continued(replace(trace, token_ids=wrong), [], WARM)


def test_a_trace_longer_than_the_context_is_refused(tiny: LoadedModel) -> None:
    long = Trace.make(PROBLEM, "again " * 600, prompt="Say again. ")
    with pytest.raises(SetupError, match="the model holds 512"):
        SharedPrefix(tiny).continued(long, [], WARM)


def test_a_head_that_does_more_than_multiply_is_refused(fresh: LoadedModel, trace: Trace) -> None:
    class Doubling(type(fresh.model)):  # type: ignore[misc]
        def forward(self, *args: object, **kwargs: object) -> object:
            out = super().forward(*args, **kwargs)
            out.logits = out.logits * 2
            return out

    fresh.model.__class__ = Doubling
    with pytest.raises(SetupError, match="cannot be shared by rollouts of a Doubling"):
        SharedPrefix(fresh).continued(trace, [], WARM)


# -- characters and tokens -----------------------------------------------------------------


def test_characters_kept_and_text_that_came_are_one_text(tiny: LoadedModel) -> None:
    told = Trace.make(PROBLEM, "Think: naïve café 你好.\n\nOne and one.", prompt="Well? ")
    spelt = spelling(tiny, told)
    for kept in range(len(told.text) + 1):
        start, over = spelt.cut(kept)
        count = start - len(spelt.prompt_ids)
        assert told.text[:kept] == told.text[: spelt.ends[count - 1] if count else 0] + over
        forced = spelt.encode(over, start)
        assert forced is not None
        assert spelt.spoken(forced, spelt.before(start)) == over


def test_white_space_that_is_kept_is_left_to_the_model(tiny: LoadedModel) -> None:
    """``is`` and ``is `` go on from the same tokens; the space is the next word's."""
    told = Trace.make(PROBLEM, "The sum is 2", prompt="Well? ")
    engine = SharedPrefix(tiny)
    one, other = (Continuation(kept=kept, seed=1, limit=9) for kept in (10, 11))
    rows = drawn_by(engine, told, [one, other])
    assert rows[one].token_ids == rows[other].token_ids
    assert rows[other].text == rows[one].text.removeprefix(" ")


# -- drawing -------------------------------------------------------------------------------


@pytest.mark.parametrize("vocabulary", [1, 10, 64, 331, 9000])
@pytest.mark.parametrize("sure", [0.0, 0.5, 3.0, 9.0])
def test_a_draw_is_what_choose_draws(vocabulary: int, sure: float) -> None:
    torch.manual_seed(vocabulary)
    logits = torch.randn(40, vocabulary) * sure
    logits[3, : vocabulary // 2] = -torch.inf
    dice = np.random.default_rng(0).random(40)
    dice[:3] = 0.0, 1 - 1e-16, 0.5
    for sampling in (
        Sampling(temperature=0.6, top_p=0.95),
        Sampling(temperature=1, top_p=1),
        Sampling(temperature=1.3, top_p=0.5),
        Sampling(temperature=0),
    ):
        expected, _ = choose(logits, sampling, dice.tolist())
        assert draw(logits, sampling, dice.tolist()) == expected.tolist()


def test_a_row_that_is_not_numbers_draws_nothing() -> None:
    logits = torch.zeros(4, 100)
    logits[1, 7], logits[2, 99] = torch.nan, torch.inf
    logits[3] = -torch.inf
    for sampling in (WARM, Sampling(temperature=0), Sampling(temperature=1, top_p=1)):
        found = draw(logits, sampling, [0.5] * 4)
        assert [token is None for token in found] == [False, True, True, True]
