"""Places: at which positions an edit is made, and where the tokens of a forward pass stand.

A position is absolute: it counts an example's tokens from its first one, 0, whether they come in
one forward pass or, with a cache, one by one. Padding has no position, so in a batch that is
padded on the left each example counts from its own first token.
"""

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import torch

from reasonscope.errors import SetupError
from reasonscope.models.hooks.taps import before_call
from reasonscope.models.sites import Layout

PADDING = -1
"""Stands for the position of padding."""


@dataclass(frozen=True, slots=True)
class Everywhere:
    """All positions."""

    def chosen(self, positions: torch.Tensor) -> torch.Tensor:
        """True where a token is, ``example position``."""
        return positions != PADDING


@dataclass(frozen=True, slots=True)
class At:
    """Some positions, the same in each example.

    >>> At({3, 4})
    At(positions={3, 4})
    """

    positions: Collection[int]

    def __post_init__(self) -> None:
        _check_counts(self.positions)

    def chosen(self, positions: torch.Tensor) -> torch.Tensor:
        """True at these positions, ``example position``."""
        return torch.isin(positions, torch.tensor(sorted(self.positions), device=positions.device))


@dataclass(frozen=True, slots=True)
class From:
    """A position and all that follow.

    What a model writes after a prompt of n tokens stands at ``From(n)``; ``From(n - 1)`` takes in
    the prompt's last token too, from which the first new token is drawn.
    """

    start: int | tuple[int, ...]
    """One for all examples, or one for each."""

    def __post_init__(self) -> None:
        _check_counts(self._starts)

    @property
    def _starts(self) -> tuple[int, ...]:
        return self.start if isinstance(self.start, tuple) else (self.start,)

    def chosen(self, positions: torch.Tensor) -> torch.Tensor:
        """True from the start on, ``example position``."""
        _check_examples(len(self._starts), positions, "starts")
        return positions >= torch.tensor(self._starts, device=positions.device)[:, None]


@dataclass(frozen=True, slots=True, eq=False)
class Marked:
    """The positions that a mask marks, example by example; none beyond its end."""

    mask: torch.Tensor
    """Boolean, ``example position``; one example stands for all."""

    def __post_init__(self) -> None:
        if self.mask.ndim != 2 or self.mask.dtype != torch.bool:
            raise SetupError(
                "expected a boolean mask, example position, "
                f"found {self.mask.dtype} of shape {tuple(self.mask.shape)}"
            )

    def chosen(self, positions: torch.Tensor) -> torch.Tensor:
        """True where the mask is, ``example position``."""
        _check_examples(len(self.mask), positions, "rows of the mask")
        length = self.mask.shape[1]
        mask = self.mask.to(positions.device).expand(len(positions), -1)
        inside = (positions >= 0) & (positions < length)
        return mask.gather(1, positions.clamp(0, length - 1)) & inside


Places = Everywhere | At | From | Marked


class Whereabouts:
    """The absolute positions of the tokens in the forward pass under way."""

    def __init__(self, layout: Layout, taps: ExitStack) -> None:
        self._layout = layout
        self._mask: torch.Tensor | None = None
        self._positions: torch.Tensor | None = None
        taps.callback(before_call(layout.body, self._enter))
        taps.callback(before_call(layout.layers[0].layer, self._place))

    @property
    def positions(self) -> torch.Tensor:
        """``example position``; :data:`PADDING` at padding."""
        if self._positions is None:
            raise SetupError("the model's layers were run before its first one")
        return self._positions

    def _enter(self, args: Any, kwargs: Any) -> None:
        mask = kwargs.get("attention_mask")
        self._mask = mask if isinstance(mask, torch.Tensor) and mask.ndim == 2 else None

    def _place(self, args: Any, kwargs: Any) -> None:
        hidden = args[0] if args else kwargs["hidden_states"]
        examples, count = hidden.shape[:2]
        if self._mask is not None:
            counted = torch.where(self._mask != 0, self._mask.long().cumsum(-1) - 1, PADDING)
            self._positions = counted[:, -count:].expand(examples, -1)
        elif isinstance(given := kwargs.get("position_ids"), torch.Tensor):
            self._positions = given.reshape(-1, count).expand(examples, -1)
        else:
            raise SetupError(
                f"the layers of this {self._layout.family} model are not told where tokens stand. "
                "Give the forward pass an attention_mask of ones and zeros."
            )


def _check_counts(positions: Collection[int]) -> None:
    wrong = [p for p in positions if type(p) is not int or p < 0]
    if wrong or not positions:
        raise SetupError(
            "positions are counted from 0, each example's first token; "
            f"found {wrong[0] if wrong else 'none'}"
        )


def _check_examples(given: int, positions: torch.Tensor, what: str) -> None:
    if given not in (1, len(positions)):
        raise SetupError(f"there are {given} {what} and {len(positions)} examples")
