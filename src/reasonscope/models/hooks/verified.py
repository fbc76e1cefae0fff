"""A model's layout, believed only after its parts have added up on a forward pass."""

from collections.abc import Callable
from contextlib import ExitStack
from itertools import islice
from typing import Any
from weakref import WeakKeyDictionary

import torch

from reasonscope.models.hooks.eager import eager_attention
from reasonscope.models.hooks.taps import tap
from reasonscope.models.sites import (
    STREAMS,
    LayerParts,
    Layout,
    ModelLayoutError,
    Site,
    candidates,
)

_TOKENS = 6
"""Tokens of the pass that checks a layout."""
_ROUNDINGS = 4
"""A sum of parts may be off by this many roundings of its largest part, in the model's format."""
_SHOWN = 6
"""Faults that an error lists."""

_VERIFIED: "WeakKeyDictionary[Any, Layout]" = WeakKeyDictionary()

Streams = dict[str, torch.Tensor]
"""What one layer gave at each stream."""


def layout_of(model: Any) -> Layout:
    """Where the model's streams are found, checked once on a few tokens.

    Checked in every layer: residual_in + attention + mlp = residual within four roundings of the
    model's number format; the heads through the output projection give the attention's output;
    each pattern has a row for each query head and position, sums to one (less where a family lets
    attention go nowhere) and sees nothing ahead.

    Raises:
        ModelLayoutError: it is no layout that is known here; the message shows what was found.
        SetupError: this is no decoder of transformers.
    """
    faults: list[str] = []
    for layout in candidates(model):
        if (known := _VERIFIED.get(model)) == layout:
            return known
        found = _faults(model, layout)
        if not found:
            _VERIFIED[model] = layout
            return layout
        faults += [*found[:_SHOWN], *_described(layout.layers[0])]
    raise ModelLayoutError(_message(model), faults or _children(model))


def _faults(model: Any, layout: Layout) -> list[str]:
    """The first thing in each layer that does not fit; empty: everything does."""
    try:
        streams = _pass(model, layout)
    except ModelLayoutError as error:
        return [str(error)]
    checks = (_finite, _sum_of_parts, _heads_projected, _pattern_shaped)
    found: list[str] = []
    for index, (held, parts) in enumerate(zip(streams, layout.layers, strict=True)):
        faults = (check(held, layout, parts) for check in checks)
        found += [f"layer {index}: {fault}" for fault in islice(filter(None, faults), 1)]
    return found


def _pass(model: Any, layout: Layout) -> list[Streams]:
    """All streams of all layers over a few tokens spread over the vocabulary."""
    streams: list[Streams] = [{} for _ in layout.layers]
    embedding = model.get_input_embeddings().weight
    spread = torch.linspace(0, embedding.shape[0] - 1, _TOKENS, device=embedding.device)
    with torch.no_grad(), eager_attention(model), ExitStack() as taps:
        for index, held in enumerate(streams):
            for stream in STREAMS:
                site = Site(index, stream)  # type: ignore[arg-type]
                taps.callback(tap(layout, site, _keeping(held, stream)))
        layout.body(input_ids=spread.long()[None], use_cache=False)
    return streams


def _keeping(held: Streams, stream: str) -> Callable[[torch.Tensor], None]:
    def keep(tensor: torch.Tensor) -> None:
        held[stream] = tensor

    return keep


def _finite(held: Streams, layout: Layout, parts: LayerParts) -> str:
    missing = [stream for stream in STREAMS if stream not in held]
    if missing:
        return f"nothing passed by {', '.join(missing)}"
    broken = [stream for stream in STREAMS if not held[stream].isfinite().all()]
    return f"numbers that are not finite in {', '.join(broken)}" if broken else ""


def _sum_of_parts(held: Streams, layout: Layout, parts: LayerParts) -> str:
    summed = [held[stream].double() for stream in ("residual_in", "attention", "mlp")]
    rounding = torch.finfo(held["residual"].dtype).eps
    allowed = _ROUNDINGS * rounding * sum(part.abs() for part in summed)
    off = (sum(summed) - held["residual"].double()).abs()
    if bool((off <= allowed).all()):
        return ""
    worst = int((off - allowed).argmax())
    return (
        f"residual_in + attention + mlp is off the residual by {float(off.flatten()[worst]):.3g} "
        f"where {float(allowed.flatten()[worst]):.3g} is allowed"
    )


def _heads_projected(held: Streams, layout: Layout, parts: LayerParts) -> str:
    given = held["attention"]
    with torch.no_grad():
        projected = parts.projection(held["heads"].flatten(-2))
        if parts.attention is not parts.attending:
            projected = parts.attention(projected)
    off = float((projected - given).double().abs().max())
    allowed = 4 * _ROUNDINGS * torch.finfo(given.dtype).eps * float(given.double().abs().max())
    return "" if off <= allowed else f"the heads projected are off the attention by {off:.3g}"


def _pattern_shaped(held: Streams, layout: Layout, parts: LayerParts) -> str:
    pattern = held["pattern"].double()
    shape, wanted = tuple(pattern.shape), (1, layout.heads, _TOKENS, _TOKENS)
    if shape != wanted:
        return f"the pattern has the shape {shape}, expected {wanted}"
    slack = _TOKENS * torch.finfo(held["pattern"].dtype).eps
    if bool((pattern < 0).any()) or bool((pattern.sum(-1) > 1 + slack).any()):
        return "the pattern holds no shares: below zero, or more than one in a row"
    return "the pattern looks ahead" if bool(pattern.triu(1).any()) else ""


def _message(model: Any) -> str:
    mode = " (it is in training mode: dropout may be on)" if model.training else ""
    return (
        f"the layout of {type(model).__name__} is not understood{mode}. Expected layers whose "
        "attention and MLP outputs add up to what the layer adds to the residual"
    )


def _described(parts: LayerParts) -> list[str]:
    named = {"attention": parts.attention, "mlp": parts.mlp, "heads into": parts.projection}
    found = ", ".join(f"{stream} = {type(module).__name__}" for stream, module in named.items())
    return [f"taken for the parts of a layer: {found}"]


def _children(model: Any) -> list[str]:
    body = model.get_decoder()
    lists = [child for child in body.children() if type(child).__name__ == "ModuleList"]
    parts = ", ".join(
        f"{name} ({type(child).__name__})" for name, child in lists[0][0].named_children()
    )
    return [f"a layer holds {parts or 'nothing'}"]
