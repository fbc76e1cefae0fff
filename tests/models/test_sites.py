"""Sites are where they are said to be, in each family; a layout that is not is refused."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import transformers
from tiny_families import CONFIGS, HEADS, VOCABULARY, WIDTH, hooks_of, shared, tiny_from, tiny_of

from reasonscope.errors import SetupError
from reasonscope.models.hooks import layout_of, read
from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.models.sites import STREAMS, Layout, ModelLayoutError, Site

IDS = torch.randint(3, VOCABULARY, (2, 9), generator=torch.Generator().manual_seed(1))
FAMILIES = pytest.mark.parametrize("family", CONFIGS)


def everything(layout: Layout) -> list[Site]:
    return [Site(layer, stream) for layer in range(len(layout.layers)) for stream in STREAMS]


# -- what sites are -------------------------------------------------------------------------


def test_an_unknown_stream_names_those_there_are() -> None:
    with pytest.raises(SetupError, match="no stream 'resid_post'; a layer has residual_in, res"):
        Site(0, "resid_post")  # type: ignore[arg-type]


@pytest.mark.parametrize("layer", [-1, 1.0, True, "3"])
def test_a_layer_is_a_count_from_0(layer: Any) -> None:
    with pytest.raises(SetupError, match="counted from 0"):
        Site(layer, "mlp")


def test_an_unknown_layer_names_those_there_are(tiny: LoadedModel) -> None:
    with pytest.raises(SetupError, match=r"layers 0 to 1\n.*layer=2") as caught:
        layout_of(tiny.model).checked([Site(0, "mlp"), Site(2, "mlp"), Site(7, "heads")])
    assert "layer=7" in str(caught.value)


def test_a_site_asked_for_twice_is_one(tiny: LoadedModel) -> None:
    layout = layout_of(tiny.model)
    assert layout.checked([Site(1, "mlp"), Site(0, "mlp"), Site(1, "mlp")]) == (
        Site(1, "mlp"),
        Site(0, "mlp"),
    )


def test_every_layer_has_its_site(tiny: LoadedModel) -> None:
    assert layout_of(tiny.model).every("mlp") == (Site(0, "mlp"), Site(1, "mlp"))


# -- where they are, family by family -------------------------------------------------------


@FAMILIES
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_family_is_understood_and_left_clean(family: str, dtype: torch.dtype) -> None:
    model = tiny_of(family).to(dtype)
    kind = model.config._attn_implementation
    layout = layout_of(model)
    assert (len(layout.layers), layout.heads) == (2, HEADS)
    assert hooks_of(model) == 0
    assert model.config._attn_implementation == kind


@FAMILIES
def test_shapes_are_as_said(family: str) -> None:
    model = shared(family)
    layout = layout_of(model)
    readings = read(model, IDS, everything(layout))
    head = CONFIGS[family][1].get("head_dim", WIDTH // HEADS)
    for site, tensor in readings.items():
        expected = {"heads": (2, 9, HEADS, head), "pattern": (2, HEADS, 9, 9)}
        assert tensor.shape == expected.get(site.stream, (2, 9, WIDTH))


@FAMILIES
def test_the_parts_add_up(family: str) -> None:
    model = shared(family)
    readings = read(model, IDS, everything(layout_of(model)))
    for layer in (0, 1):
        part = {stream: readings[Site(layer, stream)] for stream in STREAMS}  # type: ignore[arg-type]
        added = part["attention"] + part["mlp"]
        assert torch.allclose(part["residual_in"] + added, part["residual"], atol=1e-5)
        assert float(added.abs().mean()) > 0.1  # or else the sum would say little
    assert torch.equal(readings[Site(1, "residual_in")], readings[Site(0, "residual")])


@FAMILIES
def test_the_residual_is_what_transformers_says(family: str) -> None:
    """Their ``hidden_states``: the embeddings, then each layer's output but for the last norm."""
    model = tiny_of(family)  # transformers leaves hooks of its own
    with torch.no_grad():
        theirs = model(IDS, output_hidden_states=True).hidden_states
    readings = read(model, IDS, everything(layout_of(model)))
    assert torch.allclose(readings[Site(0, "residual_in")], theirs[0], atol=1e-5)
    assert torch.allclose(readings[Site(0, "residual")], theirs[1], atol=1e-4)


@FAMILIES
def test_heads_through_the_projection_give_the_attention(family: str) -> None:
    """By hand: the projection's weights, cut up by head, and the norm that follows, if any."""
    model = shared(family)
    layout = layout_of(model)
    readings = read(model, IDS, everything(layout))
    for layer, parts in enumerate(layout.layers):
        weight = parts.projection.weight  # GPT-2 keeps it the other way round
        weight = weight if family == "gpt2" else weight.T
        heads = readings[Site(layer, "heads")]
        by_head = torch.einsum("ephw,hwd->ephd", heads, weight.unflatten(0, (HEADS, -1)))
        attention = by_head.sum(dim=2)
        if parts.projection.bias is not None:
            attention = attention + parts.projection.bias
        if family in ("gemma2", "gemma3"):
            attention = model.model.layers[layer].post_attention_layernorm(attention)
        assert torch.allclose(attention, readings[Site(layer, "attention")], atol=1e-4)


@FAMILIES
def test_the_pattern_is_what_transformers_says(family: str) -> None:
    model = tiny_of(family)  # transformers leaves hooks of its own
    layout = layout_of(model)
    readings = read(model, IDS, layout.every("pattern"))
    model.set_attn_implementation("eager")
    with torch.no_grad():
        theirs = model(IDS, output_attentions=True).attentions
    for layer in (0, 1):
        assert torch.allclose(readings[Site(layer, "pattern")], theirs[layer], atol=1e-6)


def test_the_patterns_heads_are_those_of_the_heads(tiny: LoadedModel) -> None:
    """Head h is its pattern times the values of its group, so that the two axes agree."""
    layout = layout_of(tiny.model)
    ids = IDS % 300
    inside = [Site(0, "residual_in"), Site(0, "heads"), Site(0, "pattern")]
    readings = read(tiny.model, ids, inside)
    layer = layout.layers[0].layer
    with torch.no_grad():
        normed = layer.input_layernorm(readings[Site(0, "residual_in")])
        values = layer.self_attn.v_proj(normed).unflatten(-1, (2, -1)).repeat_interleave(2, dim=2)
    by_hand = torch.einsum("ehqk,ekhw->eqhw", readings[Site(0, "pattern")], values)
    assert torch.allclose(by_hand, readings[Site(0, "heads")], atol=1e-5)


# -- families that nobody wrote down --------------------------------------------------------


def test_an_unknown_family_that_adds_up_is_taken() -> None:
    """OLMo 2 norms the outputs only, Cohere adds both to one residual; neither is in the table."""
    settings = {**CONFIGS["llama"][1], "num_key_value_heads": 2}
    for config in (transformers.Olmo2Config(**settings), transformers.CohereConfig(**settings)):
        model = tiny_from(config)
        readings = read(model, IDS, everything(layout_of(model)))
        parts = (readings[Site(1, stream)] for stream in ("residual_in", "attention", "mlp"))
        assert torch.allclose(sum(parts), readings[Site(1, "residual")], atol=1e-5)  # type: ignore[arg-type]


def test_an_unknown_family_that_scales_its_parts_is_refused() -> None:
    settings = {**CONFIGS["llama"][1], "residual_multiplier": 0.5}
    with pytest.raises(ModelLayoutError, match=r"layer 0: .*is off the residual by"):
        layout_of(tiny_from(transformers.GraniteConfig(**settings)))


def test_an_unknown_family_with_other_names_is_shown() -> None:
    config = transformers.FalconConfig(
        vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=HEADS
    )
    with pytest.raises(ModelLayoutError, match=r"self_attention \(FalconAttention\)"):
        layout_of(tiny_from(config))


# -- layouts that are broken on purpose -----------------------------------------------------


def doubled(module: Any) -> None:
    forward = module.forward
    module.forward = lambda *args, **kwargs: 2 * forward(*args, **kwargs)


def test_a_layer_that_does_more_than_add_is_refused() -> None:
    model = tiny_of("llama")
    doubled(model.model.layers[1])
    with pytest.raises(ModelLayoutError, match="layer 1") as caught:
        layout_of(model)
    assert "layer 0: " not in str(caught.value)
    assert "attention = LlamaAttention, mlp = LlamaMLP" in str(caught.value)
    assert hooks_of(model) == 0


def test_heads_that_are_not_the_projections_input_are_refused() -> None:
    """An attention whose output is scaled after the projection."""
    model = tiny_of("llama")
    attention = model.model.layers[0].self_attn
    forward = attention.forward

    def scaled(*args: Any, **kwargs: Any) -> Any:
        output, pattern = forward(*args, **kwargs)
        return 3 * output, pattern

    attention.forward = scaled
    with pytest.raises(ModelLayoutError, match="layer 0: the heads projected are off"):
        layout_of(model)


def test_a_pattern_that_looks_ahead_is_refused() -> None:
    model = tiny_of("llama")
    attention = model.model.layers[0].self_attn
    forward = attention.forward

    def flipped(*args: Any, **kwargs: Any) -> Any:
        output, pattern = forward(*args, **kwargs)
        return output, pattern.flip(-1)

    attention.forward = flipped
    with pytest.raises(ModelLayoutError, match="layer 0: the pattern looks ahead"):
        layout_of(model)


def test_a_part_that_is_passed_by_is_refused() -> None:
    model = tiny_of("llama")
    model.model.layers[1].forward = lambda hidden, **_: hidden
    with pytest.raises(ModelLayoutError, match="layer 1: nothing passed by attention, mlp, heads"):
        layout_of(model)


def test_weights_that_are_not_numbers_are_refused() -> None:
    model = tiny_of("llama")
    with torch.no_grad():
        model.model.layers[1].mlp.down_proj.weight[0, 0] = torch.nan
    with pytest.raises(ModelLayoutError, match=r"layer 1: numbers that are not finite in.* mlp"):
        layout_of(model)


def test_dropout_is_named_as_a_reason() -> None:
    model = tiny_from(transformers.PhiConfig(**CONFIGS["phi"][1], resid_pdrop=0.5)).train()
    with pytest.raises(ModelLayoutError, match="training mode: dropout"):
        layout_of(model)
    assert layout_of(model.eval()).family == "phi"


def test_a_list_of_layers_must_be_there() -> None:
    model = tiny_of("llama")
    model.config.num_hidden_layers = 3
    with pytest.raises(ModelLayoutError, match=r"one list of 3 layers .* found layers \(2\)"):
        layout_of(model)


@pytest.mark.parametrize("build", [lambda held: held, lambda held: torch.nn.Linear(2, 2)])
def test_what_is_no_model_says_what_to_pass(
    build: Callable[[LoadedModel], Any], tiny: LoadedModel
) -> None:
    with pytest.raises(SetupError, match=r"pass its '\.model'"):
        layout_of(build(tiny))


def test_a_layout_is_checked_anew_when_its_modules_change() -> None:
    model = tiny_of("llama")
    before = layout_of(model)
    assert layout_of(model) is before
    model.model.layers[1] = tiny_of("llama").model.layers[1]
    after = layout_of(model)
    assert after.layers[1] != before.layers[1]
    doubled(model.model.layers[0].mlp)  # inside the mlp: the parts still add up
    model.model.layers[0] = tiny_of("llama").model.layers[0]
    doubled(model.model.layers[0])
    with pytest.raises(ModelLayoutError):
        layout_of(model)


# -- real ones ------------------------------------------------------------------------------


def test_a_shipped_reasoner_is_understood() -> None:
    layout = layout_of(load_model("organism:sft-rl", device="cpu").model)
    assert (layout.family, len(layout.layers), layout.heads) == ("llama", 4, 4)


@pytest.mark.slow
def test_smollm2_is_understood() -> None:
    for dtype in ("float32", "bfloat16"):
        layout = layout_of(load_model("smollm2", dtype=dtype, device="cpu").model)
        assert (len(layout.layers), layout.heads) == (30, 9)
