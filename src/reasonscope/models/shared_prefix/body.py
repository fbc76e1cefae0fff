"""A decoder in two parts: its body, which makes hidden states, and its vocabulary head."""

from dataclasses import dataclass
from typing import Any

import torch

from reasonscope.models.shared_prefix.attention import Place, attending


@dataclass(frozen=True, slots=True)
class Body:
    """A transformers causal language model, taken apart where the vocabulary head begins."""

    model: Any

    def hidden(self, tokens: torch.Tensor, positions: torch.Tensor, place: Place) -> torch.Tensor:
        """Last hidden states ``[row, token, width]`` of ``tokens[row, token]``."""
        with attending(self.model.config):
            out = self.model.base_model(
                input_ids=tokens, position_ids=positions, past_key_values=place, use_cache=True
            )
        return out.last_hidden_state

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """Logits ``[..., vocab]`` of hidden states, bent as Gemma's are."""
        logits = self.model.get_output_embeddings()(hidden)
        softcap = getattr(self.model.config, "final_logit_softcapping", None)
        return logits if softcap is None else (logits / softcap).tanh() * softcap

    @property
    def device(self) -> torch.device:
        """Where the tokens must lie."""
        return self.model.get_input_embeddings().weight.device

    @property
    def kind(self) -> str:
        """The name of the model's class."""
        return type(self.model).__name__
