"""Taps: a function at a site that sees the tensor passing by and may give another in its place.

All forward hooks of reasonscope are registered here. Functions at the same place run in the order
in which they were registered, each on what the one before has left.
"""

from collections.abc import Callable
from typing import Any

import torch

from reasonscope.models.sites import Layout, ModelLayoutError, Site

Seen = Callable[[torch.Tensor], torch.Tensor | None]
"""Is shown a tensor in the shape of its stream; gives None, or what is to flow on instead."""
Remove = Callable[[], None]
"""Takes a tap away again."""


def tap(layout: Layout, site: Site, seen: Seen) -> Remove:
    """Show the function what passes the site, until the tap is taken away.

    What it gives for ``pattern`` is not heeded: a pattern has been used when it is seen.
    """
    parts = layout.layers[site.layer]
    if site.stream == "residual_in":
        return _before(parts.layer, seen)
    if site.stream == "heads":
        return _before(parts.projection, _by_head(seen, layout.heads))
    if site.stream == "pattern":
        return _beside(parts.attending, seen)
    through = {"residual": parts.layer, "attention": parts.attention, "mlp": parts.mlp}
    return _after(through[site.stream], seen)


def before_call(module: Any, told: Callable[[Any, Any], None]) -> Remove:
    """Tell the function with what arguments the module is called, until it is taken away."""

    def hook(_: Any, args: Any, kwargs: Any) -> None:
        told(args, kwargs)

    return _remove(module.register_forward_pre_hook(hook, with_kwargs=True))


def _before(module: Any, seen: Seen) -> Remove:
    def hook(_: Any, args: Any, kwargs: Any) -> Any:
        if args:
            changed = seen(args[0])
            return None if changed is None else ((changed, *args[1:]), kwargs)
        changed = seen(kwargs["hidden_states"])
        return None if changed is None else (args, {**kwargs, "hidden_states": changed})

    return _remove(module.register_forward_pre_hook(hook, with_kwargs=True))


def _after(module: Any, seen: Seen) -> Remove:
    def hook(_: Any, __: Any, output: Any) -> Any:
        if not isinstance(output, tuple):
            return seen(output)
        changed = seen(output[0])
        return None if changed is None else (changed, *output[1:])

    return _remove(module.register_forward_hook(hook))


def _beside(module: Any, seen: Seen) -> Remove:
    def hook(attention: Any, __: Any, output: Any) -> None:
        if not isinstance(output, tuple) or len(output) < 2 or output[1] is None:
            raise ModelLayoutError(f"{type(attention).__name__} gives no attention pattern")
        seen(output[1])

    return _remove(module.register_forward_hook(hook))


def _by_head(seen: Seen, heads: int) -> Seen:
    """Show a tensor with the heads side by side as one with an axis of heads."""

    def split(joined: torch.Tensor) -> torch.Tensor | None:
        changed = seen(joined.unflatten(-1, (heads, -1)))
        return None if changed is None else changed.flatten(-2)

    return split


def _remove(handle: Any) -> Remove:
    def remove() -> None:
        handle.remove()

    return remove
