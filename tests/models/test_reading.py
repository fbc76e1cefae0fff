"""Reading gives what passes, stops where it may, and leaves no trace in the model."""

from typing import Any

import pytest
import torch
from tiny_families import CONFIGS, VOCABULARY, hooks_of, shared, tiny_of

from reasonscope.errors import SetupError
from reasonscope.models.hooks import Add, Edit, editing, layout_of, read, reading
from reasonscope.models.sites import Site

IDS = torch.randint(3, VOCABULARY, (2, 9), generator=torch.Generator().manual_seed(1))
FAMILIES = pytest.mark.parametrize("family", CONFIGS)
LAST = Site(1, "residual")


@pytest.fixture(scope="module")
def llama() -> Any:
    return tiny_of("llama")


def logits(model: Any, ids: torch.Tensor = IDS, **inputs: Any) -> torch.Tensor:
    with torch.inference_mode():
        return model(ids, **inputs).logits.clone()


class Calls:
    """Counts how often a module is called."""

    def __init__(self, module: Any) -> None:
        self.count, self._forward = 0, module.forward
        module.forward = self

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        return self._forward(*args, **kwargs)


# -- what is read ---------------------------------------------------------------------------


@FAMILIES
def test_a_whole_pass_and_a_stopped_one_read_the_same(family: str) -> None:
    model = shared(family)
    sites = [Site(0, "attention"), Site(1, "heads"), Site(1, "mlp"), LAST]
    with reading(model, sites) as whole, torch.no_grad():
        model(IDS)
    stopped = read(model, IDS, sites)
    assert list(whole) == list(stopped) == sites
    for site in sites:
        assert torch.equal(whole[site], stopped[site])


def test_the_last_residual_normed_and_projected_gives_the_logits(llama: Any) -> None:
    with torch.no_grad():
        by_hand = llama.lm_head(llama.model.norm(read(llama, IDS, [LAST])[LAST]))
    assert torch.allclose(by_hand, logits(llama), atol=1e-5)


def test_the_first_residual_in_is_the_embedding(llama: Any) -> None:
    site = Site(0, "residual_in")
    assert torch.equal(read(llama, IDS, [site])[site], llama.model.embed_tokens(IDS).detach())


def test_chosen_positions_come_in_the_order_asked_for(llama: Any) -> None:
    pattern = Site(0, "pattern")
    every = read(llama, IDS, [LAST, pattern])
    some = read(llama, IDS, [LAST, pattern], positions=[4, -1, 0])
    assert torch.equal(some[LAST], every[LAST][:, [4, 8, 0]])
    assert torch.equal(some[pattern], every[pattern][:, :, [4, 8, 0]])


def test_readings_come_in_the_format_asked_for(llama: Any) -> None:
    half = read(llama, IDS, [LAST], dtype=torch.bfloat16)[LAST]
    assert half.dtype == torch.bfloat16
    assert torch.equal(half, read(llama, IDS, [LAST])[LAST].bfloat16())


def test_padding_on_the_left_changes_nothing(llama: Any) -> None:
    mask = torch.tensor([[0, 0, 0, 1, 1, 1, 1, 1, 1], [1] * 9])
    padded = read(llama, IDS, [LAST], mask=mask)[LAST]
    assert torch.allclose(padded[:1, 3:], read(llama, IDS[:1, 3:], [LAST])[LAST], atol=1e-5)
    assert torch.allclose(padded[1:], read(llama, IDS[1:], [LAST])[LAST], atol=1e-5)


def test_readings_are_those_of_the_latest_pass(llama: Any) -> None:
    with reading(llama, [LAST]) as readings:
        logits(llama, IDS[:, :4])
        assert readings[LAST].shape[1] == 4
        logits(llama)
        assert readings[LAST].shape[1] == 9
        cached = llama(IDS, use_cache=True).past_key_values
        llama(IDS[:, :1], past_key_values=cached)
    assert readings[LAST].shape[1] == 1


def test_readings_hold_no_graph(llama: Any) -> None:
    with reading(llama, [LAST]) as readings:
        assert llama(IDS).logits.requires_grad
    assert not readings[LAST].requires_grad
    assert not read(llama, IDS, [LAST])[LAST].requires_grad


def test_what_was_read_can_be_trained_on(llama: Any) -> None:
    """A tensor of inference mode could not."""
    weights = torch.zeros(32, requires_grad=True)
    (read(llama, IDS, [LAST])[LAST] @ weights).sum().backward()
    assert weights.grad is not None


def test_reading_in_inference_mode(llama: Any) -> None:
    with torch.inference_mode():
        inside = read(llama, IDS, [LAST])[LAST]
    assert torch.equal(inside, read(llama, IDS, [LAST])[LAST])


# -- what is not computed -------------------------------------------------------------------


def test_nothing_deeper_than_asked_for_is_computed() -> None:
    model = tiny_of("llama")
    layout_of(model)
    deep, mlp = Calls(model.model.layers[1]), Calls(model.model.layers[0].mlp)
    read(model, IDS, [Site(0, "attention")])
    assert (deep.count, mlp.count) == (0, 0)
    read(model, IDS, [Site(0, "residual")])
    assert (deep.count, mlp.count) == (0, 1)
    read(model, IDS, [LAST])
    assert deep.count == 1


def test_no_vocabulary_head_is_computed() -> None:
    model = tiny_of("llama")
    layout_of(model)
    head, norm = Calls(model.lm_head), Calls(model.model.norm)
    read(model, IDS, [LAST])
    assert (head.count, norm.count) == (0, 0)
    logits(model)
    assert (head.count, norm.count) == (1, 1)


# -- nothing stays behind -------------------------------------------------------------------


@FAMILIES
def test_the_model_is_bitwise_what_it_was(family: str) -> None:
    model = shared(family)
    before, kind = logits(model), model.config._attn_implementation
    sites = layout_of(model).every("pattern") + layout_of(model).every("heads")
    with reading(model, sites):
        logits(model)
    read(model, IDS, sites)
    assert model.config._attn_implementation == kind
    assert hooks_of(model) == 0
    assert torch.equal(logits(model), before)


def test_reading_does_not_change_what_is_computed(llama: Any) -> None:
    before = logits(llama)
    with reading(llama, layout_of(llama).every("heads") + layout_of(llama).every("residual_in")):
        assert torch.equal(logits(llama), before)


def test_an_exception_leaves_nothing_behind(llama: Any) -> None:
    before = logits(llama)
    with pytest.raises(ZeroDivisionError), reading(llama, [LAST, Site(0, "pattern")]):
        logits(llama)[1 // 0]
    with pytest.raises(SetupError), reading(llama, [LAST], positions=[99]):
        logits(llama)
    assert hooks_of(llama) == 0
    assert llama.config._attn_implementation == "sdpa"
    assert torch.equal(logits(llama), before)


def test_the_hooks_of_others_stay() -> None:
    model = tiny_of("llama")
    seen: list[int] = []
    model.model.layers[0].register_forward_hook(lambda *_: seen.append(1))
    layout_of(model)
    seen.clear()
    read(model, IDS, [LAST])
    assert (len(seen), hooks_of(model)) == (1, 1)


def test_a_pattern_inside_a_reading_of_patterns(llama: Any) -> None:
    with reading(llama, [Site(0, "pattern")]):
        read(llama, IDS, [Site(1, "pattern")])
        assert llama.config._attn_implementation == "eager"
    assert llama.config._attn_implementation == "sdpa"


# -- with edits -----------------------------------------------------------------------------


def test_a_reading_sees_what_was_done_further_out_and_not_further_in(llama: Any) -> None:
    site = Site(0, "residual")
    edit = Edit(site, Add(torch.ones(32)))
    plain = read(llama, IDS, [site])[site]
    with editing(llama, [edit]):
        inside = read(llama, IDS, [site])[site]
    with reading(llama, [site, Site(1, "residual_in")]) as outside, editing(llama, [edit]):
        logits(llama)
    assert torch.equal(inside, plain + 1)
    assert torch.equal(outside[site], plain)
    assert torch.equal(outside[Site(1, "residual_in")], plain + 1)


# -- what cannot be read --------------------------------------------------------------------


def test_a_site_that_was_not_read_says_why(llama: Any) -> None:
    with reading(llama, [LAST]) as readings:
        with pytest.raises(KeyError, match="no forward pass has come by"):
            readings[LAST]
        with pytest.raises(KeyError, match="was not asked for"):
            readings[Site(0, "mlp")]
        assert len(readings) == 0


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (torch.tensor([1, 2, 3]), r"expected token ids.* int64 of shape \(3,\)"),
        (torch.ones(1, 3), "found float32"),
        (torch.ones(1, 0, dtype=torch.long), r"shape \(1, 0\)"),
        (torch.tensor([[1, 40]]), "ids go from 1 to 40, the model knows 0 to 39"),
        (torch.tensor([[-1, 3]]), "ids go from -1"),
        (torch.ones(1, 65, dtype=torch.long), "65 positions, the model holds 64"),
    ],
)
def test_ids_that_do_not_fit_say_so(llama: Any, ids: torch.Tensor, says: str) -> None:
    with pytest.raises(SetupError, match=says):
        read(llama, ids, [LAST])


def test_all_that_is_wrong_with_ids_is_said_at_once(llama: Any) -> None:
    with pytest.raises(SetupError) as caught:
        read(llama, torch.full((1, 65), 50), [LAST])
    assert len(caught.value.problems) == 2


def test_reading_nothing_is_an_error(llama: Any) -> None:
    with pytest.raises(SetupError, match="no sites to read"):
        read(llama, IDS, [])


@pytest.mark.parametrize("position", [9, -10])
def test_a_position_beyond_the_end_says_so(llama: Any, position: int) -> None:
    with pytest.raises(SetupError, match=f"no position {position} .* holds 9"):
        read(llama, IDS, [LAST], positions=[0, position])


def test_a_layer_beyond_the_last_says_so(llama: Any) -> None:
    with pytest.raises(SetupError, match="layers 0 to 1"):
        read(llama, IDS, [Site(2, "residual")])
