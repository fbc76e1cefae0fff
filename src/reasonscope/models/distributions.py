"""Distributions of next tokens from hidden states, and how far two of them are apart."""

from dataclasses import dataclass
from typing import Any

import torch

from reasonscope.errors import SetupError
from reasonscope.models.loading import LoadedModel

_ELEMENTS = 1 << 23
"""Logits that exist at the same time: 32 MB in float32, and a few arrays of that size."""
_TOGETHER = 1 << 19
"""Log-probabilities whose terms are summed together: few enough to stay in a processor's cache."""
_PROBED = 8
_TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.25, torch.float16: 0.05}


@dataclass(frozen=True, slots=True)
class Head:
    """What turns a model's last hidden states into log-probabilities."""

    layer: Any
    """The output embeddings."""
    factor: float
    """Logits are multiplied by it."""
    cap: float | None
    """Logits are squashed to lie within it; None: they are not."""
    temperature: float

    @classmethod
    def of(cls, loaded: LoadedModel, temperature: float, token_ids: torch.Tensor) -> "Head":
        """The head of a model, compared with the model itself on the first tokens.

        Raises:
            SetupError: the model's logits are made in another way, or are not finite.
        """
        if temperature <= 0:
            raise SetupError(f"temperature must be above 0, found {temperature}")
        config = loaded.model.config.get_text_config()
        factor = float(getattr(config, "logit_scale", None) or 1.0)
        factor /= float(getattr(config, "logits_scaling", None) or 1.0)
        cap = getattr(config, "final_logit_softcapping", None)
        head = cls(loaded.model.get_output_embeddings(), factor, cap, temperature)
        head._check(loaded.model, token_ids[None, :_PROBED])
        return head

    def _check(self, model: Any, ids: torch.Tensor) -> None:
        with torch.inference_mode():
            said = model(input_ids=ids, use_cache=False).logits[0].float() / self.temperature
            states = model.base_model(input_ids=ids, use_cache=False).last_hidden_state[0]
            off = float((torch.log_softmax(said, -1) - self.log_probabilities(states)).abs().max())
        if not torch.isfinite(said).all():
            raise SetupError("the model's logits are not finite: its weights are damaged")
        if not off <= _TOLERANCE.get(model.dtype, 1e-3):
            raise SetupError(
                f"the logits of {type(model).__name__} are not its output embeddings of the last "
                f"hidden state (they differ by {off:.3g} nats). Choose a model of another family."
            )

    def log_probabilities(self, states: torch.Tensor) -> torch.Tensor:
        """``[token, vocab]`` in nats, from ``[token, width]``; float32 whatever the weights are."""
        logits, scale = self.layer(states).float(), self.factor / self.temperature
        if scale != 1:
            logits = logits * scale
        if self.cap is not None:
            bound = self.cap / self.temperature
            logits = torch.tanh(logits / bound) * bound
        return torch.log_softmax(logits, dim=-1)

    def divergences(
        self, before: torch.Tensor, after: torch.Tensor, at: torch.Tensor
    ) -> torch.Tensor:
        """KL(before || after) in nats for each row of ``after[token, width]``.

        Rows are taken in the order of their place, so that each distribution before is computed
        about once however many rows stand beside it.

        Args:
            before: hidden states ``[place, width]``.
            after: hidden states ``[token, width]``.
            at: the place in ``before`` that each row of ``after`` stands beside.
        """
        out = torch.empty(len(after), dtype=torch.float32, device=after.device)
        rows = max(1, _ELEMENTS // self.layer.weight.shape[0])
        for some in torch.argsort(at, stable=True).split(rows):
            places, which = torch.unique(at[some], return_inverse=True)
            base = self.log_probabilities(before[places])
            moved = self.log_probabilities(after[some])
            few = max(1, _TOGETHER // moved.shape[1])
            pairs = zip(which.split(few), moved.split(few), strict=True)
            out[some] = torch.cat([divergence(base[rows], q) for rows, q in pairs])
        return out


def divergence(p: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
    """KL(p || q) of log-probabilities, as terms p (q/p - 1 - log q/p), none of them negative.

    The usual sum of p log p/q cancels to about 1e-7 in float32 where p and q are nearly equal,
    and may come out below 0; this one keeps its digits down to about 1e-12.
    """
    ahead = q - p
    return torch.expm1(ahead).sub_(ahead).mul_(p.exp()).sum(dim=-1)
