"""A slow continuer that cannot be wrong: each prefix is encoded and drawn from alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from reasonscope.models.continuing import Continuation, Continued, Uncontinued
from reasonscope.models.decoding import choose
from reasonscope.models.generation import Drawn, Sampling, unheard
from reasonscope.models.loading import LoadedModel
from reasonscope.models.token_text import decode
from reasonscope.traces.schema import Trace


@dataclass(frozen=True)
class PlainContinuer:
    """One forward pass over everything for the prefix, then one for each token."""

    loaded: LoadedModel

    @property
    def name(self) -> str:
        return self.loaded.name

    def continued(
        self,
        trace: Trace,
        asked: Iterable[Continuation],
        sampling: Sampling,
        drawn: Drawn = unheard,
    ) -> Iterator[Continued | Uncontinued]:
        for one in asked:
            yield self._one(trace, one, sampling)

    def _one(self, trace: Trace, one: Continuation, sampling: Sampling) -> Continued:
        tokenizer = self.loaded.tokenizer
        begun = trace.prompt + trace.text[: one.kept] + one.inserted
        before = list(tokenizer.encode(begun, add_special_tokens=False))
        dice = np.random.default_rng(one.seed).random(one.limit)
        tokens: list[int] = []
        ids, cache = torch.tensor([before]), None
        with torch.inference_mode():
            while len(tokens) < one.limit and not (tokens and tokens[-1] in self.loaded.ends):
                out: Any = self.loaded.model(input_ids=ids, past_key_values=cache, use_cache=True)
                cache = out.past_key_values
                drawn, _ = choose(out.logits[:, -1], sampling, [float(dice[len(tokens)])])
                tokens.append(int(drawn))
                ids = drawn[:, None]
        ended = tokens[-1] in self.loaded.ends
        spoken = tokens[:-1] if ended else tokens
        stem = decode(tokenizer, before)
        text = decode(tokenizer, before + spoken)
        assert text.startswith(stem)
        return Continued(
            asked=one,
            text=text[len(stem) :],
            tokens=len(tokens),
            ended=ended,
            token_ids=tuple(tokens),
        )
