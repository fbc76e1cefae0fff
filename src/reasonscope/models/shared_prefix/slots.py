"""The slots: preallocated keys and values of what each rollout has written itself."""

from dataclasses import dataclass, field

import torch

from reasonscope.models.shared_prefix.prefix import Prefix


@dataclass(slots=True)
class Slots:
    """Keys and values of ``count`` slots with room for ``room`` tokens each, made once."""

    prefix: Prefix
    count: int
    room: int
    keys: list[torch.Tensor] = field(default_factory=list)
    """For each layer ``[slot, kv_head, token, width]``."""
    values: list[torch.Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        for shared, own in ((self.prefix.keys, self.keys), (self.prefix.values, self.values)):
            for layer in shared:
                shape = self.count, layer.shape[0], self.room, layer.shape[2]
                own.append(layer.new_zeros(shape))

    @property
    def bytes(self) -> int:
        """What they hold, in bytes; the same however many rollouts pass through them."""
        return sum(tensor.nbytes for tensor in [*self.keys, *self.values])

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first ``length`` tokens of one slot to another."""
        for held in (*self.keys, *self.values):
            held[target, :, :length] = held[source, :, :length]

    def clean(self, slot: int) -> None:
        """Wipe a slot: a NaN that is masked is still a NaN."""
        for held in (*self.keys, *self.values):
            held[slot].zero_()


def bytes_per_token(prefix: Prefix) -> int:
    """What one token takes in a slot."""
    held = [*prefix.keys, *prefix.values]
    return sum(layer.shape[0] * layer.shape[2] * layer.element_size() for layer in held)
