"""Reading: the tensors that pass chosen sites, and no more computing than they need."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from reasonscope.errors import SetupError
from reasonscope.models.hooks.eager import eager_attention
from reasonscope.models.hooks.taps import Seen, before_call, tap
from reasonscope.models.hooks.verified import layout_of
from reasonscope.models.sites import Site


class _AllRead(Exception):
    """Nothing that was asked for is left to read; the forward pass may end here."""


class Readings(Mapping[Site, torch.Tensor]):
    """What passed the sites in the latest forward pass, detached from the graph.

    Shapes are those of :data:`reasonscope.models.sites.Stream`; where positions were chosen, the
    axis of positions (of a pattern, that of queries) holds these alone, in the order asked for.
    """

    def __init__(
        self,
        sites: Sequence[Site],
        positions: Sequence[int] | None,
        dtype: Any,
        stops: bool,
    ) -> None:
        self._sites = tuple(sites)
        self._positions = None if positions is None else list(positions)
        self._dtype = dtype
        self._stops = stops
        self._held: dict[Site, torch.Tensor] = {}

    def __getitem__(self, site: Site) -> torch.Tensor:
        if site in self._held:
            return self._held[site]
        if site in self._sites:
            raise KeyError(f"no forward pass has come by {site} yet")
        raise KeyError(f"{site} was not asked for")

    def __iter__(self) -> Iterator[Site]:
        return (site for site in self._sites if site in self._held)

    def __len__(self) -> int:
        return len(self._held)

    def _forget(self, args: Any, kwargs: Any) -> None:
        self._held.clear()

    def _reader(self, site: Site) -> Seen:
        def read(tensor: torch.Tensor) -> None:
            self._held[site] = self._cut(site, tensor.detach())
            if self._stops and len(self._held) == len(self._sites):
                raise _AllRead

        return read

    def _cut(self, site: Site, tensor: torch.Tensor) -> torch.Tensor:
        if self._positions is not None:
            axis = 2 if site.stream == "pattern" else 1
            tensor = tensor.index_select(axis, self._indices(tensor.shape[axis], tensor.device))
        return tensor if self._dtype is None else tensor.to(self._dtype)

    def _indices(self, length: int, device: Any) -> torch.Tensor:
        """The positions counted from the front."""
        wanted = self._positions or []
        beyond = [p for p in wanted if not -length <= p < length]
        if beyond:
            raise SetupError(f"no position {beyond[0]} to read: the forward pass holds {length}")
        return torch.tensor([p % length for p in wanted], device=device)


@contextmanager
def reading(
    model: Any,
    sites: Iterable[Site],
    *,
    positions: Sequence[int] | None = None,
    dtype: Any = None,
) -> Iterator[Readings]:
    """Keep what passes the sites in the block's forward passes; outside it nothing is left.

    Decisions: the readings are those of the latest forward pass. Nested in ``editing`` it sees
    what the edits left, around it what they found. Where a ``pattern`` is among the sites,
    attention is computed by transformers' ``eager`` function inside the block, which differs from
    the fused ones in the last digits.

    Args:
        model: A decoder of transformers, such as ``loaded.model``.
        sites: What to read.
        positions: Columns of the forward pass to keep, ``-1`` the last; None: all.
        dtype: The number format to keep them in; None: the model's.

    Raises:
        SetupError: no such layer or position; ModelLayoutError for a layout not understood.
    """
    with _kept(model, sites, positions, dtype, stops=False) as readings:
        yield readings


def read(
    model: Any,
    ids: torch.Tensor,
    sites: Iterable[Site],
    *,
    mask: torch.Tensor | None = None,
    positions: Sequence[int] | None = None,
    dtype: Any = None,
) -> Readings:
    """What passes the sites when the model reads the tokens, computed no further than needed.

    The forward pass ends where the last site has been read: deeper layers and the vocabulary head
    are not computed.

    Args:
        model: A decoder of transformers, such as ``loaded.model``.
        ids: Token ids, ``example position``.
        sites: What to read.
        mask: One where there is a token, zero at padding, ``example position``; each example's
            positions are then counted from its first token.
        positions: Columns to keep, ``-1`` the last; None: all.
        dtype: The number format to keep them in; None: the model's.

    Raises:
        SetupError: ids that this model cannot read, nothing to read, no such layer or position.
    """
    _check_ids(model, ids)
    inputs = {"input_ids": ids.to(model.device), "use_cache": False}
    if mask is not None:
        inputs["attention_mask"] = mask.to(model.device)
        inputs["position_ids"] = (inputs["attention_mask"].cumsum(-1) - 1).clamp(min=0)
    with torch.no_grad(), _kept(model, sites, positions, dtype, stops=True) as readings:
        if not readings._sites:
            raise SetupError("no sites to read")
        try:
            layout_of(model).body(**inputs)
        except _AllRead:
            return readings
    raise SetupError(f"a forward pass came by {list(readings)} only of {list(readings._sites)}")


@contextmanager
def _kept(
    model: Any, sites: Iterable[Site], positions: Sequence[int] | None, dtype: Any, stops: bool
) -> Iterator[Readings]:
    layout = layout_of(model)
    readings = Readings(layout.checked(sites), positions, dtype, stops)
    with ExitStack() as stack:
        if any(site.stream == "pattern" for site in readings._sites):
            stack.enter_context(eager_attention(model))
        stack.callback(before_call(layout.body, readings._forget))
        for site in readings._sites:
            stack.callback(tap(layout, site, readings._reader(site)))
        yield readings


def _check_ids(model: Any, ids: torch.Tensor) -> None:
    if ids.ndim != 2 or ids.is_floating_point() or not ids.numel():
        raise SetupError(
            "expected token ids, example position, "
            f"found {str(ids.dtype).removeprefix('torch.')} of shape {tuple(ids.shape)}"
        )
    config = model.config.get_text_config()
    context = getattr(config, "max_position_embeddings", None) or ids.shape[1]
    problems = []
    if ids.shape[1] > context:
        problems.append(f"there are {ids.shape[1]} positions, the model holds {context}")
    least, most = (int(end) for end in ids.aminmax())
    if least < 0 or most >= config.vocab_size:
        problems.append(
            f"ids go from {least} to {most}, the model knows 0 to {config.vocab_size - 1}"
        )
    if problems:
        raise SetupError("the model cannot read these tokens", problems)
