"""Sites: named places in a decoder of transformers, and the modules where they are found.

A layer takes the residual in and gives it out with two things added: what attention found and
what the MLP made of it. Families differ in the names of these parts, in whether each part is
normalised once more before it is added (Gemma 2 and 3), and in whether both read the same
residual (Phi, GPT-NeoX). Here are the names only; :func:`reasonscope.models.hooks.layout_of`
checks on a forward pass that they mean what is said here.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from reasonscope.errors import SetupError

Stream = Literal["residual_in", "residual", "attention", "mlp", "heads", "pattern"]
"""What can be read in a layer, with the shape in which it is given:

- ``residual_in``, ``residual``: the residual stream into and out of the layer, ``example position
  width``;
- ``attention``, ``mlp``: what attention and the MLP add to it, ``example position width``;
- ``heads``: each head's output before the output projection, ``example position head width``;
- ``pattern``: how much each query attends to each key, ``example head query key``.
"""

STREAMS: tuple[str, ...] = get_args(Stream)


class ModelLayoutError(SetupError):
    """A model's parts are not where they were looked for, or do not add up."""


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """A named place in a network.

    >>> Site(12, "residual")
    Site(layer=12, stream='residual')

    Raises:
        SetupError: there is no such stream, or the layer is no count from 0.
    """

    layer: int
    """Counted from 0."""
    stream: Stream

    def __post_init__(self) -> None:
        if self.stream not in STREAMS:
            raise SetupError(f"no stream '{self.stream}'; a layer has {', '.join(STREAMS)}")
        if type(self.layer) is not int or self.layer < 0:
            raise SetupError(f"no layer {self.layer!r}; layers are counted from 0")


@dataclass(frozen=True, slots=True, repr=False)
class LayerParts:
    """The modules of one layer that the streams pass through."""

    layer: Any
    """Its input is ``residual_in``, its output ``residual``."""
    attention: Any
    """Its output is ``attention``: the attention itself, or the norm that follows it."""
    mlp: Any
    """Its output is ``mlp``: the MLP itself, or the norm that follows it."""
    attending: Any
    """The attention itself; its second output is ``pattern``."""
    projection: Any
    """The output projection of attention; its input is ``heads``."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the streams of a decoder are found."""

    family: str
    """The model's own word for its architecture, such as ``qwen3``."""
    body: Any = field(repr=False)
    """The decoder without its vocabulary head."""
    layers: tuple[LayerParts, ...] = field(repr=False)
    heads: int
    """Query heads of a layer; key heads may be fewer."""

    def every(self, stream: Stream) -> tuple[Site, ...]:
        """The stream's sites in all layers, the first layer first."""
        return tuple(Site(layer, stream) for layer in range(len(self.layers)))

    def checked(self, sites: Iterable[Site]) -> tuple[Site, ...]:
        """The sites, each once, in the order given.

        Raises:
            SetupError: the model has no such layer.
        """
        asked = tuple(dict.fromkeys(sites))
        beyond = [site for site in asked if site.layer >= len(self.layers)]
        if beyond:
            raise SetupError(
                f"this {self.family} model has the layers 0 to {len(self.layers) - 1}",
                [f"there is no {site}" for site in beyond],
            )
        return asked


@dataclass(frozen=True, slots=True)
class _Names:
    """What a family calls the parts of its layers."""

    attention: str
    projection: str
    mlp: str = "mlp"
    attention_norm: str = ""
    """A norm between the attention and the residual; empty: none."""
    mlp_norm: str = ""

    def parts(self, layer: Any) -> LayerParts | None:
        """The layer's parts; None where one of the names is missing."""
        found = {name: getattr(layer, name, None) for name in self._wanted}
        projection = getattr(found[self.attention], self.projection, None)
        if projection is None or None in found.values():
            return None
        return LayerParts(
            layer=layer,
            attention=found[self.attention_norm or self.attention],
            mlp=found[self.mlp_norm or self.mlp],
            attending=found[self.attention],
            projection=projection,
        )

    @property
    def _wanted(self) -> Collection[str]:
        names = (self.attention, self.mlp, self.attention_norm, self.mlp_norm)
        return [name for name in names if name]


_PLAIN = _Names("self_attn", "o_proj")
_NORMED = _Names(
    "self_attn", "o_proj", "mlp", "post_attention_layernorm", "post_feedforward_layernorm"
)
_PHI = _Names("self_attn", "dense")
_NEOX = _Names("attention", "dense")
_GPT2 = _Names("attn", "c_proj")

FAMILIES: dict[str, _Names] = {
    **dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "gemma", "phi3"), _PLAIN),
    **dict.fromkeys(("gemma2", "gemma3", "gemma3_text"), _NORMED),
    "phi": _PHI,
    "gpt_neox": _NEOX,
    "gpt2": _GPT2,
}
"""The families that are known. Another one is tried with each of these layouts, and taken only
where the parts are there and add up."""


def candidates(model: Any) -> Iterator[Layout]:
    """Layouts that the model's names fit, not yet checked on a forward pass.

    Raises:
        SetupError: this is no decoder of transformers.
        ModelLayoutError: no list of layers was found.
    """
    if not hasattr(model, "get_decoder") or not hasattr(model, "config"):
        raise SetupError(
            f"expected a decoder of transformers, found {type(model).__name__}. "
            "Of a LoadedModel, pass its '.model'."
        )
    body, config = model.get_decoder(), model.config.get_text_config()
    layers, family = _layers(body, config.num_hidden_layers), config.model_type
    tried = [FAMILIES[family]] if family in FAMILIES else dict.fromkeys(FAMILIES.values())
    for names in tried:
        parts = [names.parts(layer) for layer in layers]
        if None not in parts:
            yield Layout(family, body, tuple(p for p in parts if p), config.num_attention_heads)


def _layers(body: Any, count: int) -> Any:
    """The list of layers: the only one of the right length right under the body."""
    lists = {
        name: len(child)
        for name, child in body.named_children()
        if type(child).__name__ == "ModuleList"
    }
    found = [name for name, length in lists.items() if length == count]
    if len(found) != 1:
        raise ModelLayoutError(
            f"expected one list of {count} layers in {type(body).__name__}, found "
            f"{', '.join(f'{name} ({length})' for name, length in lists.items()) or 'no list'}"
        )
    return getattr(body, found[0])
