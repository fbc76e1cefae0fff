"""What later tokens lose when they cannot attend to some earlier ones (level 2: tokens only)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray

from reasonscope.errors import SetupError
from reasonscope.models.attention_swap import attending
from reasonscope.models.distributions import Head
from reasonscope.models.loading import LoadedModel
from reasonscope.models.suffixes import FirstPass, Suffixes, Together

AT_ONCE = 4096
"""Tokens of suffixes that are computed together; one longer suffix is computed alone."""
_NOISE = {torch.float32: 1e-5, torch.bfloat16: 3e-2, torch.float16: 1e-3}
"""Mean nats that recomputing alone may move a distribution; more: the attention is not ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Tokens that later ones cannot attend to, in any layer or head."""

    hidden: tuple[int, ...]
    """Positions of the tokens that are hidden."""
    border: int
    """The first position that cannot see them. Hidden tokens themselves attend as ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What suppressions did to the distributions of later tokens."""

    nats: tuple[NDArray[np.float64], ...]
    """For each suppression one number a token: KL(as is || suppressed) of the distribution that
    the token was drawn from; NaN for tokens whose distribution the border leaves as it is."""
    noise_nats: float
    """The same, on average, where nothing is hidden: what recomputing alone does."""
    tokens_computed: int
    """Tokens that went through the layers, the first pass included."""


def suppress(
    loaded: LoadedModel,
    token_ids: Sequence[int],
    suppressions: Sequence[Suppression],
    *,
    temperature: float = 1.0,
    at_once: int = AT_ONCE,
    progress: Callable[[int, int], None] | None = None,
) -> Effects:
    """KL divergence of every later token's distribution, for each of many suppressions.

    Exact: keys and values before a border do not change, so one ordinary pass gives them, and
    each suppression recomputes only the tokens from its border on. The suffixes of many
    suppressions stand in one row without padding; an attention function shows each its own past.
    Logits exist for a bounded number of rows at a time, over the full vocabulary.

    Source: thought anchors (M7). Departures: the full vocabulary at temperature 1 instead of .6
    and the likeliest; a token's own distribution (from the position before it) instead of the
    next one's; hidden tokens see each other (there all queries are masked), which makes no
    difference to later tokens, since those cannot see them.

    Args:
        loaded: any decoder of transformers whose attention goes through its interface.
        token_ids: prompt and output.
        suppressions: what is hidden, and from where on.
        temperature: divides the logits.
        at_once: tokens of suffixes computed together; bounds memory.
        progress: told how many tokens went through the layers so far, and how many will in all.

    Raises:
        SetupError: the text is longer than the context, logits are not finite, or recomputing
            does not give the model's own distributions.
    """
    _check_asked(loaded, token_ids, suppressions)
    ids = torch.tensor(list(token_ids), device=loaded.device)
    head, first = Head.of(loaded, temperature, ids), FirstPass.of(loaded, ids)
    nothing = Suppression(hidden=(), border=3 * (len(ids) - 1) // 4)
    nats = [np.full(len(ids), np.nan) for _ in (*suppressions, nothing)]
    planned = list(_planned((*suppressions, nothing), len(ids) - 1, at_once))
    spent, due = len(ids), len(ids) + sum(one.tokens for row in planned for one in row)
    for suffixes in planned:
        row = Suffixes(first, suffixes)
        with torch.inference_mode(), attending(loaded.model, row):
            states = row.states(loaded.model)
            moved = head.divergences(first.states, states, row.positions)
        spent += len(row.positions)
        if progress is not None:
            progress(spent, due)
        for index, border, values in row.told_apart(moved):
            nats[index][border + 1 :] = values
    noise = float(nats.pop()[nothing.border + 1 :].mean())
    _check_noise(loaded, noise)
    return Effects(nats=tuple(nats), noise_nats=noise, tokens_computed=spent)


def _planned(
    suppressions: Sequence[Suppression], end: int, at_once: int
) -> Iterator[list[Together]]:
    """Suppressions of one border side by side, in rows of at most ``at_once`` tokens."""
    row: list[Together] = []
    filled = 0
    for together in _by_border(suppressions, end, at_once):
        if row and filled + together.tokens > at_once:
            yield row
            row, filled = [], 0
        row.append(together)
        filled += together.tokens
    if row:
        yield row


def _by_border(suppressions: Sequence[Suppression], end: int, at_once: int) -> Iterator[Together]:
    due = [i for i, one in enumerate(suppressions) if one.border < end]
    due.sort(key=lambda i: suppressions[i].border)
    for border, indices in groupby(due, key=lambda i: suppressions[i].border):
        same, room = tuple(indices), max(1, at_once // (end - border))
        for start in range(0, len(same), room):
            some = same[start : start + room]
            hidden = tuple(suppressions[i].hidden for i in some)
            yield Together(border=border, end=end, indices=some, hidden=hidden)


def _check_asked(
    loaded: LoadedModel, token_ids: Sequence[int], suppressions: Sequence[Suppression]
) -> None:
    count = len(token_ids)
    if count > loaded.context:
        raise SetupError(
            f"the text has {count:,} tokens, {loaded.name} holds {loaded.context:,}. "
            "Choose a shorter trace, or a model with a longer context."
        )
    if count < 3:
        raise SetupError(f"nothing can be suppressed in a text of {count} tokens")
    size = loaded.model.get_input_embeddings().weight.shape[0]
    if not all(0 <= token < size for token in token_ids):
        raise SetupError(
            f"the trace has tokens that {loaded.name} does not know (its vocabulary has "
            f"{size:,}). Name the model that made the trace."
        )
    for one in suppressions:
        if not 0 < one.border <= count or any(not 0 <= at < count for at in one.hidden):
            raise ValueError(f"a suppression reaches out of a text of {count} tokens: {one}")


def _check_noise(loaded: LoadedModel, noise: float) -> None:
    bound = _NOISE.get(loaded.model.dtype, 1e-5)
    if not noise <= bound:
        raise SetupError(
            f"recomputing a suffix of {loaded.name} moves its distributions by {noise:.2g} nats a "
            f"token where nothing is hidden (at most {bound:g} is rounding): its attention is of "
            "a kind that cannot be computed here. Choose a model of another family."
        )
