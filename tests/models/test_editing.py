"""Edits do what a computation by hand does, at the positions they name, and are counted."""

from typing import Any

import pytest
import torch
from tiny_families import CONFIGS, HEADS, VOCABULARY, WIDTH, hooks_of, shared, tiny_of

from reasonscope.errors import SetupError
from reasonscope.models.continuing import Continuation, Continued
from reasonscope.models.decoding import TorchEngine
from reasonscope.models.generation import Sampling, sample_traces
from reasonscope.models.hooks import (
    Add,
    At,
    Edit,
    EditNeverMade,
    Everywhere,
    From,
    Marked,
    ProjectOut,
    Replace,
    Zero,
    editing,
    layout_of,
    read,
    reading,
)
from reasonscope.models.loading import LoadedModel
from reasonscope.models.shared_prefix import SharedPrefix
from reasonscope.models.sites import STREAMS, Site
from reasonscope.traces.schema import Problem, Reading

DICE = torch.Generator().manual_seed(1)
IDS = torch.randint(3, VOCABULARY, (2, 9), generator=DICE)
DIRECTION = torch.randn(WIDTH, generator=DICE)
FAMILIES = pytest.mark.parametrize("family", CONFIGS)
FIRST, LAST = Site(0, "residual"), Site(1, "residual")


@pytest.fixture(scope="module")
def llama() -> Any:
    return tiny_of("llama")


def logits(model: Any, ids: torch.Tensor = IDS, **inputs: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(ids, **inputs).logits.clone()


def one_by_one(model: Any, ids: torch.Tensor, prompt: int) -> torch.Tensor:
    """The logits of a pass over the prompt and of passes over each further token, with a cache."""
    cache, parts = None, []
    with torch.inference_mode():
        for chunk in (ids[:, :prompt], *ids[:, prompt:].split(1, dim=1)):
            out = model(chunk, past_key_values=cache, use_cache=True)
            cache = out.past_key_values
            parts.append(out.logits)
    return torch.cat(parts, dim=1)


def generated(model: Any, ids: torch.Tensor, cached: bool, **inputs: Any) -> torch.Tensor:
    out: torch.Tensor = model.generate(
        ids,
        max_new_tokens=6,
        min_new_tokens=6,
        do_sample=False,
        use_cache=cached,
        **{"attention_mask": torch.ones_like(ids), "pad_token_id": 0, **inputs},
    )
    return out


# -- what an edit does ----------------------------------------------------------------------


@FAMILIES
def test_adding_to_the_last_residual_is_adding_before_the_last_norm(family: str) -> None:
    """By hand: the body's last norm and the vocabulary head, on the residual plus the vector."""
    model = shared(family)
    held = read(model, IDS, [LAST])[LAST] + 2.0 * DIRECTION
    body = model.get_decoder()
    norm = next(
        child
        for name, child in body.named_children()
        if "norm" in name or name in ("ln_f", "final_layernorm")
    )
    with torch.no_grad():
        by_hand = model.get_output_embeddings()(norm(held))
        if getattr(model.config, "final_logit_softcapping", None):
            cap = model.config.final_logit_softcapping
            by_hand = torch.tanh(by_hand / cap) * cap
    with editing(model, [Edit(LAST, Add(DIRECTION, 2.0))]) as (made,):
        edited = logits(model)
    assert torch.allclose(edited, by_hand, atol=1e-4)
    assert (made.prefill, made.decoding, made.passes) == (18, 0, 1)


@FAMILIES
def test_an_edit_in_the_middle_is_that_layers_own_forward(family: str) -> None:
    """What goes into layer 1 is layer 0's output, changed at position 4 and nowhere else."""
    model = shared(family)
    plain = read(model, IDS, [FIRST])[FIRST]
    inside = [Site(1, "residual_in"), LAST]
    with editing(model, [Edit(FIRST, Add(DIRECTION), At({4}))]):
        edited = read(model, IDS, inside)
    expected = plain.clone()
    expected[:, 4] += DIRECTION
    assert torch.equal(edited[Site(1, "residual_in")], expected)
    untouched = read(model, IDS, [LAST])[LAST]
    assert torch.equal(edited[LAST][:, :4], untouched[:, :4])  # nothing flows backwards
    assert not torch.allclose(edited[LAST][:, 5:], untouched[:, 5:], atol=1e-3)


@FAMILIES
def test_an_edited_part_moves_the_residual_by_as_much(family: str) -> None:
    model = shared(family)
    for stream in ("attention", "mlp"):
        site = Site(1, stream)  # type: ignore[arg-type]
        plain = read(model, IDS, [LAST, Site(1, "mlp"), Site(1, "attention")])
        with editing(model, [Edit(site, Zero())]):
            edited = read(model, IDS, [LAST, Site(1, "mlp")])
        mlp = edited[Site(1, "mlp")] - plain[Site(1, "mlp")]
        moved = -plain[site] + (mlp if stream == "attention" else 0)
        assert torch.allclose(edited[LAST] - plain[LAST], moved, atol=1e-4)


@FAMILIES
def test_one_heads_output_goes_and_the_others_stay(family: str) -> None:
    """What goes is that head through its rows of the output projection."""
    model = shared(family)
    heads = Site(0, "heads")
    plain = read(model, IDS, [heads])[heads]
    with editing(model, [Edit(heads, Zero(), heads=(2,))]) as (made,):
        edited = read(model, IDS, [heads])[heads]
    assert not edited[:, :, 2].any()
    assert torch.equal(edited[:, :, [0, 1, 3]], plain[:, :, [0, 1, 3]])
    assert made.total == 18  # tokens, not heads


def test_a_head_ablated_is_its_share_of_the_projection_gone(llama: Any) -> None:
    heads, attention = Site(0, "heads"), Site(0, "attention")
    plain = read(llama, IDS, [heads, attention])
    with editing(llama, [Edit(heads, Zero(), heads=(2,))]):
        edited = read(llama, IDS, [attention])[attention]
    rows = llama.model.layers[0].self_attn.o_proj.weight.detach().T.unflatten(0, (HEADS, -1))[2]
    assert torch.allclose(plain[attention] - edited, plain[heads][:, :, 2] @ rows, atol=1e-5)


def test_what_is_projected_out_is_gone_and_nothing_else(llama: Any) -> None:
    unit = DIRECTION / DIRECTION.norm()
    plain = read(llama, IDS, [FIRST])[FIRST]
    with editing(llama, [Edit(FIRST, ProjectOut(5 * DIRECTION))]):
        edited = read(llama, IDS, [Site(1, "residual_in")])[Site(1, "residual_in")]
    assert float((edited @ unit).abs().max()) < 1e-5
    assert torch.allclose(edited + (plain @ unit)[..., None] * unit, plain, atol=1e-5)


def test_a_vector_put_everywhere(llama: Any) -> None:
    with editing(llama, [Edit(FIRST, Replace(DIRECTION))]):
        edited = read(llama, IDS, [Site(1, "residual_in")])[Site(1, "residual_in")]
    assert torch.equal(edited, DIRECTION.expand(2, 9, WIDTH))


@pytest.mark.parametrize("stream", ["residual_in", "residual", "attention", "mlp", "heads"])
def test_a_reading_put_back_changes_nothing(llama: Any, stream: Any) -> None:
    site = Site(1, stream)
    before = logits(llama)
    with editing(llama, [Edit(site, Replace(read(llama, IDS, [site])[site]))]):
        assert torch.equal(logits(llama), before)


def test_patching_one_position_from_another_text(llama: Any) -> None:
    """With the residual of all positions from the other text, its logits come out."""
    other = IDS.flip(1)
    value = Replace(read(llama, other, [LAST])[LAST])
    with editing(llama, [Edit(LAST, value)]):
        assert torch.equal(logits(llama), logits(llama, other))
    with editing(llama, [Edit(LAST, value, At({3}))]):
        mixed = logits(llama)
    assert torch.equal(mixed[:, 3], logits(llama, other)[:, 3])
    assert torch.equal(mixed[:, 4:], logits(llama)[:, 4:])


def test_one_reading_stands_for_all_examples(llama: Any) -> None:
    value = read(llama, IDS[:1], [LAST])[LAST]
    with editing(llama, [Edit(LAST, Replace(value))]):
        edited = logits(llama)
    assert torch.equal(edited[0], edited[1])


@FAMILIES
@pytest.mark.parametrize("stream", STREAMS[:-1])
def test_an_edit_of_nothing_is_the_identity_bit_for_bit(family: str, stream: Any) -> None:
    model = shared(family)
    before = logits(model)
    width = model.config.hidden_size if stream != "heads" else read_width(model)
    edit = Edit(Site(0, stream), Add(torch.randn(width), 0.0))
    with editing(model, [edit]) as (made,):
        assert torch.equal(logits(model), before)
    assert made.total == 18


def read_width(model: Any) -> int:
    site = Site(0, "heads")
    return read(model, IDS, [site])[site].shape[-1]


def test_edits_at_one_site_are_made_in_order(llama: Any) -> None:
    before = logits(llama)
    zero_then_back = [Edit(LAST, Zero()), Edit(LAST, Replace(read(llama, IDS, [LAST])[LAST]))]
    with editing(llama, zero_then_back):
        assert torch.equal(logits(llama), before)
    with editing(llama, zero_then_back[::-1]):
        assert not torch.equal(logits(llama), before)


def test_nested_blocks_go_from_the_outside_in(llama: Any) -> None:
    plain = read(llama, IDS, [LAST])[LAST]
    site = Site(1, "residual")
    with editing(llama, [Edit(site, Zero())]), editing(llama, [Edit(site, Add(DIRECTION))]):
        inner = read(llama, IDS, [LAST])[LAST]
    with editing(llama, [Edit(site, Add(DIRECTION))]), editing(llama, [Edit(site, Zero())]):
        outer = read(llama, IDS, [LAST])[LAST]
    assert torch.equal(inner, DIRECTION.expand_as(plain))
    assert not outer.any()


def test_a_direction_can_be_trained_through_the_model(llama: Any) -> None:
    direction = torch.zeros(WIDTH, requires_grad=True)
    with editing(llama, [Edit(FIRST, Add(direction))]):
        llama(IDS).logits.square().mean().backward()
    assert direction.grad is not None
    assert direction.grad.any()
    llama.zero_grad()


def test_half_precision_stays_half() -> None:
    model = tiny_of("llama").bfloat16()
    for change in (Add(DIRECTION), ProjectOut(DIRECTION), Replace(DIRECTION), Zero()):
        with editing(model, [Edit(FIRST, change)]):
            assert logits(model).dtype == torch.bfloat16


# -- where it is made -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (Everywhere(), [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        (At({0, 7}), [0, 7]),
        (From(6), [6, 7, 8]),
        (Marked(torch.tensor([[True, False, False, True]])), [0, 3]),
    ],
)
@pytest.mark.parametrize("prompt", [1, 5, 8])
def test_a_position_is_the_same_in_whatever_chunk_it_comes(
    llama: Any, places: Any, expected: list[int], prompt: int
) -> None:
    """Prefill of some tokens and the rest one by one: logits as of one pass over all."""
    edit = Edit(FIRST, Add(DIRECTION, 3.0), places)
    with editing(llama, [edit]) as (whole,):
        at_once = logits(llama)
    with editing(llama, [edit]) as (parts,):
        in_parts = one_by_one(llama, IDS, prompt)
    assert torch.allclose(in_parts, at_once, atol=1e-4)
    early = sum(position < prompt for position in expected)
    assert (whole.prefill, whole.decoding) == (2 * len(expected), 0)
    assert (parts.prefill, parts.decoding) == (2 * early, 2 * (len(expected) - early))


@FAMILIES
def test_generate_with_and_without_a_cache_writes_the_same(family: str) -> None:
    model = shared(family)
    edit = Edit(FIRST, Add(DIRECTION, 4.0), From(8))
    with editing(model, [edit]) as (cached,):
        with_cache = generated(model, IDS, cached=True)
    with editing(model, [edit]) as (whole,):
        without = generated(model, IDS, cached=False)
    assert torch.equal(with_cache, without)
    assert cached.prefill == 2  # the last token of each prompt
    assert cached.decoding == 2 * 5  # the last of six new tokens is not read again
    assert whole.decoding == 0
    assert not torch.equal(with_cache, generated(model, IDS, cached=True))


def padded() -> tuple[torch.Tensor, torch.Tensor]:
    """Two prompts of 4 and 9 tokens, padded on the left."""
    mask = torch.ones_like(IDS)
    mask[0, :5] = 0
    return IDS.masked_fill(mask == 0, 0), mask


@FAMILIES
def test_padded_prompts_count_from_their_own_first_token(family: str) -> None:
    model = shared(family)
    ids, mask = padded()
    edit = Edit(FIRST, Add(DIRECTION, 4.0), At({2}))
    with editing(model, [edit]) as (made,):
        together = generated(model, ids, cached=True, attention_mask=mask)
    assert (made.prefill, made.decoding) == (2, 0)
    for row, prompt in enumerate((ids[:1, 5:], ids[1:])):
        with editing(model, [edit]):
            alone = generated(model, prompt, cached=True)
        assert torch.equal(together[row, 9:], alone[0, prompt.shape[1] :])


def test_each_example_has_its_own_start(llama: Any) -> None:
    """The new tokens of prompts of different length, and only these."""
    ids, mask = padded()
    with editing(llama, [Edit(FIRST, Add(DIRECTION), From((4, 9)))]) as (made,):
        generated(llama, ids, cached=True, attention_mask=mask)
    assert (made.prefill, made.decoding) == (0, 10)


def test_padding_is_never_edited_nor_counted(llama: Any) -> None:
    ids, mask = padded()
    plain = read(llama, ids, [FIRST], mask=mask)[FIRST]
    with editing(llama, [Edit(FIRST, Add(DIRECTION))]) as (made,):
        inside = read(llama, ids, [Site(1, "residual_in")], mask=mask)[Site(1, "residual_in")]
    assert made.total == 4 + 9
    assert torch.equal(inside[0, :5], plain[0, :5])


def test_padding_on_the_right_has_no_position_either(llama: Any) -> None:
    mask = torch.ones_like(IDS)
    mask[0, 4:] = 0
    with editing(llama, [Edit(FIRST, Zero(), From(3))]) as (made,):
        logits(llama, IDS, attention_mask=mask)
    assert made.total == 1 + 6


def test_a_mask_of_the_forward_pass_counts_even_where_the_model_does_not(llama: Any) -> None:
    """A bare forward pass numbers padding too; positions here do not."""
    ids, mask = padded()
    with editing(llama, [Edit(FIRST, Zero(), At({3}))]):
        edited = read_in(llama, ids, mask)
    assert not edited[0, 8].any()
    assert not edited[1, 3].any()
    assert edited[0, 5:8].any(dim=-1).all()


def read_in(model: Any, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    site = Site(1, "residual_in")
    with reading(model, [site]) as readings:
        logits(model, ids, attention_mask=mask)
    return readings[site]


def test_beams_are_examples(llama: Any) -> None:
    with editing(llama, [Edit(FIRST, Add(DIRECTION), At({0}))]) as (made,):
        generated(llama, IDS, cached=True, num_beams=3)
    assert made.prefill == 2 * 3


def test_rollouts_from_a_shared_prefix_are_edited_as_generate_is(tiny: LoadedModel) -> None:
    """The engine reads a trace once and packs rollouts; positions are the same there."""
    (row,) = sample_traces(
        TorchEngine(tiny), [Problem.make("1 + 1?", answer="2")], 1, Sampling(max_tokens=20)
    )
    assert isinstance(row, Reading)
    greedy = Sampling(temperature=0, max_tokens=8)
    edit = Edit(FIRST, Add(DIRECTION, 2.0), From(3))
    with editing(tiny.model, [edit]) as (made,):
        asked = [Continuation(kept=0, seed=seed, limit=8) for seed in (1, 2)]
        continued = list(SharedPrefix(tiny).continued(row.trace, asked, greedy))
    prompt = torch.tensor([tiny.tokenizer.encode(row.trace.prompt, add_special_tokens=False)])
    with editing(tiny.model, [edit]):
        new = generated(tiny.model, prompt, cached=True)[0, prompt.shape[1] :].tolist()
    for came in continued:
        assert isinstance(came, Continued)
        assert list(came.token_ids or ())[:6] == new
    assert made.decoding > 0


# -- counting, and what was never made ------------------------------------------------------


def test_an_edit_that_is_never_made_is_an_error_that_says_where_it_looked(llama: Any) -> None:
    message = (
        r"Zero at Site\(layer=0, stream='residual'\), At.*30.*: 1 forward passes came by, "
        "the furthest position was 8"
    )
    edits = [Edit(FIRST, Zero(), At({30})), Edit(FIRST, Zero(), At({3}))]
    with pytest.raises(EditNeverMade, match=message) as caught, editing(llama, edits):
        logits(llama)
    assert len(caught.value.problems) == 1
    assert hooks_of(llama) == 0


def test_a_block_in_which_no_model_runs_is_an_error(llama: Any) -> None:
    with (
        pytest.raises(EditNeverMade, match="0 forward passes came by"),
        editing(llama, [Edit(FIRST, Zero())]),
    ):
        pass


def test_an_edit_deeper_than_what_is_read_is_noticed(llama: Any) -> None:
    with pytest.raises(EditNeverMade), editing(llama, [Edit(LAST, Zero())]):
        read(llama, IDS, [FIRST])


def test_an_edit_may_be_allowed_not_to_be_made(llama: Any) -> None:
    edit = Edit(FIRST, Zero(), At({30}))
    with editing(llama, [edit], must_be_made=False) as (made,):
        logits(llama)
    assert (made.total, made.passes) == (0, 1)


def test_the_blocks_own_exception_comes_through(llama: Any) -> None:
    before = logits(llama)
    with pytest.raises(ZeroDivisionError), editing(llama, [Edit(FIRST, Zero())]):
        raise ZeroDivisionError
    assert hooks_of(llama) == 0
    assert torch.equal(logits(llama), before)


@FAMILIES
def test_after_the_block_the_model_is_bitwise_what_it_was(family: str) -> None:
    model = shared(family)
    before = logits(model)
    weights = {name: held.clone() for name, held in model.state_dict().items()}
    edits = [Edit(Site(1, stream), Zero()) for stream in STREAMS[:-1]]  # type: ignore[arg-type]
    with editing(model, edits):
        assert not torch.equal(logits(model), before)
    assert hooks_of(model) == 0
    assert torch.equal(logits(model), before)
    assert all(torch.equal(held, weights[name]) for name, held in model.state_dict().items())


def test_counts_show_themselves(llama: Any) -> None:
    with editing(llama, [Edit(FIRST, Zero(), From(8))]) as made:
        generated(llama, IDS, cached=True)
    assert repr(made) == "(Made(prefill=2, decoding=10, passes=6),)"


# -- what cannot be edited ------------------------------------------------------------------


def test_a_pattern_is_read_and_not_edited() -> None:
    with pytest.raises(SetupError, match="a pattern can be read, not edited"):
        Edit(Site(0, "pattern"), Zero())


def test_only_heads_have_heads() -> None:
    with pytest.raises(SetupError, match="'mlp' has no heads"):
        Edit(Site(0, "mlp"), Zero(), heads=(1,))


def test_nothing_lies_along_a_direction_of_length_zero() -> None:
    with pytest.raises(SetupError, match="length zero"):
        ProjectOut(torch.zeros(4))


@pytest.mark.parametrize("wrong", [{-1}, [2.0], (), [True]])
def test_positions_are_counts(wrong: Any) -> None:
    with pytest.raises(SetupError, match="positions are counted from 0"):
        At(wrong)


def test_a_start_is_a_count() -> None:
    with pytest.raises(SetupError, match="found -1"):
        From((3, -1))


def test_a_mask_is_of_truth_values() -> None:
    with pytest.raises(SetupError, match=r"int64 of shape \(1, 2\)"):
        Marked(torch.tensor([[0, 1]]))


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (Edit(FIRST, Add(torch.ones(7))), r"a vector of 32 numbers.*found the shape \(7,\)"),
        (Edit(FIRST, Replace(torch.ones(2, 9, 7))), r"found the shape \(2, 9, 7\)"),
        (Edit(FIRST, Replace(torch.ones(3, 9, WIDTH))), r"found the shape \(3, 9, 32\)"),
        (Edit(FIRST, Replace(torch.ones(2, 5, WIDTH))), "ends before position 5"),
        (Edit(FIRST, Zero(), From((1, 2, 3))), "3 starts and 2 examples"),
        (Edit(FIRST, Zero(), Marked(torch.ones(3, 9) > 0)), "3 rows of the mask and 2 examples"),
        (Edit(Site(0, "heads"), Zero(), heads=(4,)), "no head 4; a layer has the heads 0 to 3"),
    ],
)
def test_an_edit_that_does_not_fit_says_so(llama: Any, edit: Edit, says: str) -> None:
    with pytest.raises(SetupError, match=says), editing(llama, [edit]):
        logits(llama)
    assert hooks_of(llama) == 0


def test_a_reading_that_ends_early_fits_where_it_is(llama: Any) -> None:
    value = Replace(torch.zeros(2, 5, WIDTH))
    with editing(llama, [Edit(FIRST, value, At({1, 4}))]) as (made,):
        logits(llama)
    assert made.total == 4


def test_a_layer_beyond_the_last_says_so(llama: Any) -> None:
    with (
        pytest.raises(SetupError, match="layers 0 to 1"),
        editing(llama, [Edit(Site(5, "mlp"), Zero())]),
    ):
        pass


def test_layers_that_are_not_told_where_tokens_stand(llama: Any) -> None:
    """As where a layer is called by itself."""
    layer = layout_of(llama).layers[0].layer
    with (
        pytest.raises(SetupError, match="not told where tokens stand"),
        editing(llama, [Edit(FIRST, Zero())]),
    ):
        layer(torch.zeros(1, 3, WIDTH))
