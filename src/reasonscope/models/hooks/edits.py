"""Edits as values: a site, a change, and where it is made."""

from dataclasses import dataclass, field

import torch

from reasonscope.errors import SetupError
from reasonscope.models.hooks.places import PADDING, Everywhere, Places
from reasonscope.models.sites import Site


@dataclass(frozen=True, slots=True, eq=False)
class Add:
    """Add a direction times a coefficient."""

    direction: torch.Tensor
    """Of the site's width; of ``heads`` also ``head width``."""
    coefficient: float = 1.0

    def changed(self, held: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """The tensor with the direction added everywhere."""
        return held + _fitting(self.direction, held) * self.coefficient


@dataclass(frozen=True, slots=True, eq=False)
class Replace:
    """Put something else in its place."""

    value: torch.Tensor
    """A vector as in :class:`Add`; or a reading, ``example position …``, of which each position
    takes the value at the same absolute position (one example stands for all)."""

    def changed(self, held: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """What is put at each position."""
        if self.value.ndim != held.ndim:
            return _fitting(self.value, held).expand_as(held)
        length, examples = self.value.shape[1], len(self.value)
        if self.value.shape[2:] != held.shape[2:] or examples not in (1, len(held)):
            raise _misfit(self.value, held)
        value = self.value.to(held).expand(len(held), *self.value.shape[1:])
        rows = torch.arange(len(held), device=held.device)[:, None]
        return value[rows, positions.clamp(0, length - 1)]

    def reach(self) -> int | None:
        """The first absolute position for which there is no value; None: no end."""
        return self.value.shape[1] if self.value.ndim > 2 else None


@dataclass(frozen=True, slots=True)
class Zero:
    """Put zeros in its place."""

    def changed(self, held: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Zeros."""
        return torch.zeros_like(held)


@dataclass(frozen=True, slots=True, eq=False)
class ProjectOut:
    """Take away all that points along a direction, either way; computed in float32."""

    direction: torch.Tensor
    """Of any length but zero."""

    def __post_init__(self) -> None:
        if not bool(self.direction.any()):
            raise SetupError("nothing can be projected out along a direction of length zero")

    def changed(self, held: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """The tensor at right angles to the direction."""
        unit = torch.nn.functional.normalize(_fitting(self.direction, held).float(), dim=-1)
        exact = held.float()
        return (exact - (exact * unit).sum(-1, keepdim=True) * unit).to(held.dtype)


Change = Add | Replace | Zero | ProjectOut


@dataclass(frozen=True, slots=True)
class Edit:
    """A change written to a site during forward passes.

    >>> Edit(Site(3, "heads"), Zero(), heads=(2,))
    Edit(site=Site(layer=3, stream='heads'), change=Zero(), places=Everywhere(), heads=(2,))

    Raises:
        SetupError: the stream cannot be edited, or has no heads to choose.
    """

    site: Site
    """Any stream but ``pattern``, which has been used by the time it can be seen."""
    change: Change
    places: Places = field(default_factory=Everywhere)
    """At which absolute positions."""
    heads: tuple[int, ...] | None = None
    """Of the stream ``heads``: which ones; None: all."""

    def __post_init__(self) -> None:
        if self.site.stream == "pattern":
            raise SetupError(
                "a pattern can be read, not edited; edit 'heads' or mask the attention"
            )
        if self.heads is not None and self.site.stream != "heads":
            raise SetupError(f"'{self.site.stream}' has no heads to choose; edit 'heads'")

    @property
    def described(self) -> str:
        """Where and what, without the numbers."""
        return f"{type(self.change).__name__} at {self.site}, {self.places}"

    def applied(self, held: torch.Tensor, positions: torch.Tensor) -> "Applied":
        """What the site holds after the edit, and where it was made.

        Raises:
            SetupError: the edit does not fit what passes the site.
        """
        chosen = self.places.chosen(positions) & (positions != PADDING)
        self._check_reach(chosen, positions)
        where = chosen.reshape(*chosen.shape, *[1] * (held.ndim - 2))
        if self.heads is not None:
            where = where & self._chosen_heads(held)[:, None]
        changed = self.change.changed(held, positions)
        return Applied(torch.where(where, changed, held), chosen)

    def _chosen_heads(self, held: torch.Tensor) -> torch.Tensor:
        count = held.shape[2]
        beyond = [head for head in self.heads or () if not 0 <= head < count]
        if beyond:
            raise SetupError(f"no head {beyond[0]}; a layer has the heads 0 to {count - 1}")
        return torch.isin(
            torch.arange(count, device=held.device),
            torch.tensor(self.heads, dtype=torch.long, device=held.device),
        )

    def _check_reach(self, chosen: torch.Tensor, positions: torch.Tensor) -> None:
        reach = self.change.reach() if isinstance(self.change, Replace) else None
        if reach is not None and bool((chosen & (positions >= reach)).any()):
            raise SetupError(
                f"the value to put at {self.site} ends before position {reach}, and the forward "
                "pass goes on. Choose its places with At, From or Marked."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """What an edit made of a tensor."""

    held: torch.Tensor
    """In the stream's shape."""
    chosen: torch.Tensor
    """Where it was made, ``example position``."""


def _fitting(vector: torch.Tensor, held: torch.Tensor) -> torch.Tensor:
    """The vector in the tensor's number format, if it is of its width."""
    if tuple(vector.shape) not in {tuple(held.shape[-1:]), tuple(held.shape[2:])}:
        raise _misfit(vector, held)
    return vector.to(held)


def _misfit(value: torch.Tensor, held: torch.Tensor) -> SetupError:
    return SetupError(
        f"expected a vector of {held.shape[-1]} numbers, or a reading of shape "
        f"{('example', 'position', *held.shape[2:])}; found the shape {tuple(value.shape)}"
    )
