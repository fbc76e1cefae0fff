"""Drawing a token for each row of logits: the same token as ``choose``, found with less work.

``choose`` weighs, sorts and sums the vocabulary of every row. Here the vocabulary is cut into
blocks. The nucleus of ``top_p`` mostly lies in the few blocks with the greatest logits, and sums
of blocks tell which block holds a draw. Rows are taken a few at a time, so that they stay in the
processor's cache.
"""

from collections.abc import Sequence

import torch

from reasonscope.models.generation import Sampling

_BLOCK = 64
"""Neighbouring tokens that make a block."""
_ROWS = 16
"""Rows taken together."""
_TRIES = ((16, 64), (128, 1024))
"""Blocks looked into for the nucleus, and how many of their tokens are sorted."""


def draw(logits: torch.Tensor, sampling: Sampling, dice: Sequence[float]) -> list[int | None]:
    """One token for each row of ``logits[row, vocab]``; None where they are not numbers.

    The token is that of :func:`reasonscope.models.decoding.choose` for the same number in
    [0, 1), but for rounding in the seventh digit of a probability.
    """
    tokens: list[int | None] = []
    for first in range(0, len(logits), _ROWS):
        blocks = _blocks(logits[first : first + _ROWS].float())
        peaks = blocks.amax(dim=-1)
        sound = peaks.amax(dim=-1).isfinite().tolist()  # NaN wherever there is one
        if sampling.greedy:
            found = _greatest(blocks, peaks)
        else:
            found = _drawn(blocks, peaks, sampling, dice[first : first + _ROWS])
        pairs = zip(found.tolist(), sound, strict=True)
        tokens += [token if fine else None for token, fine in pairs]
    return tokens


def _blocks(logits: torch.Tensor) -> torch.Tensor:
    """Logits as ``[row, block, token]``; what fills the last block cannot be drawn."""
    over = -logits.shape[-1] % _BLOCK
    if over:
        logits = torch.nn.functional.pad(logits, (0, over), value=-torch.inf)
    return logits.view(len(logits), -1, _BLOCK)


def _greatest(blocks: torch.Tensor, peaks: torch.Tensor) -> torch.Tensor:
    """The likeliest token; of several, the first."""
    block = peaks.argmax(dim=-1)
    return block * _BLOCK + _in(blocks, block).argmax(dim=-1)


def _in(blocks: torch.Tensor, block: torch.Tensor) -> torch.Tensor:
    """One block of each row, ``[row, token]``."""
    return blocks[torch.arange(len(blocks), device=blocks.device), block]


def _drawn(
    blocks: torch.Tensor, peaks: torch.Tensor, sampling: Sampling, dice: Sequence[float]
) -> torch.Tensor:
    """Tokens drawn by inverse transform sampling, in order of token id."""
    top = peaks.amax(dim=-1)[:, None]
    weights = (blocks - top[..., None]).div_(sampling.temperature).exp_()
    peaks = (peaks - top).div_(sampling.temperature).exp_()
    die = torch.tensor(dice, dtype=torch.float64, device=blocks.device)
    if sampling.top_p >= 1:
        return _among_all(weights, die)
    share = sampling.top_p * weights.sum(dim=(1, 2))[:, None]
    tokens, whole = _among_likeliest(weights, peaks, share, die, _TRIES[0])
    for looked in (*_TRIES[1:], None):
        if bool(whole.all()):
            break
        left = (~whole).nonzero()[:, 0]
        rest = weights[left]
        if looked is None:
            kept = torch.where(rest >= _least(rest, share[left])[..., None], rest, 0.0)
            tokens[left] = _among_all(kept, die[left])
        else:
            tokens[left], whole[left] = _among_likeliest(
                rest, peaks[left], share[left], die[left], looked
            )
    return tokens


def _among_all(weights: torch.Tensor, die: torch.Tensor) -> torch.Tensor:
    """The token of ``weights[row, block, token]`` that each number in [0, 1) falls on."""
    ends = weights.sum(dim=-1, dtype=torch.float64).cumsum(dim=-1)
    height = die * ends[:, -1]
    block = _first_above(ends, height)
    before = ends.gather(-1, (block - 1).clamp(min=0)[:, None])[:, 0].where(block > 0, 0.0)
    inner = _in(weights, block).double().cumsum(dim=-1)
    return block * _BLOCK + _first_above(inner, (height - before).clamp(min=0))


def _first_above(ends: torch.Tensor, height: torch.Tensor) -> torch.Tensor:
    """Which of the stretches that end at ``ends[row, i]`` holds ``height[row]``."""
    found = torch.searchsorted(ends, height[:, None], right=True)
    last = torch.searchsorted(ends, ends[:, -1:].contiguous())  # rounding may lift past the end
    return torch.minimum(found, last)[:, 0].clamp(max=ends.shape[-1] - 1)


def _among_likeliest(
    weights: torch.Tensor,
    peaks: torch.Tensor,
    share: torch.Tensor,
    die: torch.Tensor,
    looked_and_sorted: tuple[int, int],
) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens drawn from the nucleus, and whether the blocks looked into hold all of it.

    They do where the least likely token kept is likelier than the best of the other blocks
    and than the last token sorted, and where not all that were sorted were needed.
    """
    count = min(looked_and_sorted[0], peaks.shape[-1])
    best = peaks.topk(min(count + 1, peaks.shape[-1]), dim=-1)
    looked = best.indices[:, :count].sort(dim=-1).values[..., None] * _BLOCK
    looked = (looked + torch.arange(_BLOCK, device=looked.device)).flatten(1)
    near = weights.flatten(1).gather(-1, looked)
    likeliest = near.topk(min(looked_and_sorted[1], near.shape[-1]), dim=-1).values
    before = likeliest.cumsum(dim=-1) - likeliest
    kept = (before < share).sum(dim=-1, keepdim=True).clamp(min=1)
    least = likeliest.gather(-1, kept - 1)
    left_out = best.values[:, count:].sum(dim=-1, keepdim=True)  # of one block, or of none
    whole = (kept < likeliest.shape[-1]) & (least > left_out) & (least > likeliest[:, -1:])
    ends = torch.where(near >= least, near, 0.0).double().cumsum(dim=-1)
    tokens = looked.gather(-1, _first_above(ends, die * ends[:, -1])[:, None])
    return tokens[:, 0], whole[:, 0]


def _least(weights: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """The greatest weight such that the tokens at least as likely hold ``share``: ``[row, 1]``.

    Found by halving: numbers above 0 are in the order of their bits.
    """
    bits = weights.flatten(1).view(torch.int32)
    flat = weights.flatten(1)
    low = torch.zeros_like(share, dtype=torch.int32)
    high = bits.amax(dim=-1, keepdim=True) + 1
    while bool((high - low > 1).any()):
        middle = low + (high - low) // 2
        holds = torch.where(bits >= middle, flat, 0.0).sum(dim=-1, keepdim=True) >= share
        low, high = torch.where(holds, middle, low), torch.where(holds, high, middle)
    return low.view(torch.float32)
