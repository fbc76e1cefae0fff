"""Editing: changes made to what passes a model's sites, and a count of how often each was made."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from reasonscope.errors import SetupError
from reasonscope.models.hooks.edits import Edit
from reasonscope.models.hooks.places import PADDING, Whereabouts
from reasonscope.models.hooks.taps import Seen, tap
from reasonscope.models.hooks.verified import layout_of


class EditNeverMade(SetupError):
    """An edit was asked for and no forward pass came by a place where it could be made."""


class Made:
    """How often an edit was made: tokens changed, counted in prefill and in decoding apart.

    A row of a forward pass is prefill where it holds the example's first token, and decoding where
    it goes on from a cache. Without a cache every pass is prefill, and counts each token again.
    """

    def __init__(self, edit: Edit) -> None:
        self.edit = edit
        self.passes = 0
        """Forward passes that came by the site."""
        self._counts: torch.Tensor | None = None  # stays on the device: to look at it is to wait
        self._furthest: torch.Tensor | None = None

    @property
    def prefill(self) -> int:
        """Tokens changed in rows that hold their example's first token."""
        return self._count(0)

    @property
    def decoding(self) -> int:
        """Tokens changed in rows that go on from a cache."""
        return self._count(1)

    @property
    def total(self) -> int:
        """Tokens changed."""
        return self.prefill + self.decoding

    @property
    def furthest(self) -> int:
        """The furthest position that came by; -1: none."""
        return PADDING if self._furthest is None else int(self._furthest)

    def __repr__(self) -> str:
        return f"Made(prefill={self.prefill}, decoding={self.decoding}, passes={self.passes})"

    def _count(self, index: int) -> int:
        return 0 if self._counts is None else int(self._counts[index])

    def _add(self, chosen: torch.Tensor, positions: torch.Tensor) -> None:
        begins = (positions == 0).any(dim=1)
        tokens = chosen.sum(dim=1)
        counts = torch.stack([(tokens * begins).sum(), (tokens * ~begins).sum()])
        self.passes += 1
        self._counts = counts if self._counts is None else self._counts + counts
        furthest = positions.max()
        self._furthest = (
            furthest if self._furthest is None else torch.maximum(self._furthest, furthest)
        )


@contextmanager
def editing(
    model: Any, edits: Iterable[Edit], *, must_be_made: bool = True
) -> Iterator[tuple[Made, ...]]:
    """Make the edits in all forward passes of the block; outside it the model is as it was.

    Decisions: edits at one site are made in the order given; nested blocks from the outside in,
    each on what the one before has left. The forward pass may be of any kind: with or without a
    cache, ``generate``, padded on the left. An edit of a token is kept in the cache: later tokens
    see what it made of this one.

    Args:
        model: A decoder of transformers, such as ``loaded.model``.
        edits: What to change, and where.
        must_be_made: Whether an edit that was never made is an error at the end of the block.

    Yields:
        For each edit, in order, how often it was made.

    Raises:
        EditNeverMade: an edit was never made, and the block itself raised nothing.
        SetupError: no such layer, or an edit that does not fit what passes the site.
    """
    layout = layout_of(model)
    made = tuple(Made(edit) for edit in edits)
    layout.checked(count.edit.site for count in made)
    with ExitStack() as taps:
        whereabouts = Whereabouts(layout, taps)
        for count in made:
            taps.callback(tap(layout, count.edit.site, _editor(count, whereabouts)))
        yield made
    if must_be_made:
        _check_made(made)


def _editor(made: Made, whereabouts: Whereabouts) -> Seen:
    def edit(held: torch.Tensor) -> torch.Tensor:
        positions = whereabouts.positions
        applied = made.edit.applied(held, positions.to(held.device))
        made._add(applied.chosen, positions.to(held.device))
        return applied.held

    return edit


def _check_made(made: Iterable[Made]) -> None:
    idle = [count for count in made if not count.total]
    if idle:
        raise EditNeverMade(
            "an edit was asked for and never made. Run the model inside the block, and choose "
            "places that its tokens reach; or pass must_be_made=False.",
            [
                f"{count.edit.described}: {count.passes} forward passes came by, "
                f"the furthest position was {count.furthest}"
                for count in idle
            ],
        )
