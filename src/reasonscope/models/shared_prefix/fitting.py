"""Does a model come out the same with its prefix shared? Tried on a few tokens, once."""

import torch

from reasonscope.errors import SetupError
from reasonscope.models.shared_prefix.body import Body
from reasonscope.models.shared_prefix.prefix import Prefix
from reasonscope.models.shared_prefix.slots import Slots
from reasonscope.models.shared_prefix.step import Step

_TOKENS = 8
_SLACK = {torch.float32: 1e-3, torch.float64: 1e-6}
"""Greatest difference of a logit, as a share of the greatest logit; .1 in shorter formats."""


def check_fit(body: Body, tokens: torch.Tensor) -> None:
    """Compare logits by shared prefix with the model's own on the first ``tokens[1, token]``.

    Raises:
        SetupError: They differ, or the model has parts that cannot share a prefix, such as
            recurrent layers or a head that does more than multiply.
    """
    some = tokens[:, :_TOKENS]
    if some.shape[1] < 2:
        some = tokens[:, :1].expand(1, 2)
    try:
        with torch.inference_mode():
            own = body.model(some).logits[0, -1].float()
            ours = _shared(body, some).float()
    except (TypeError, AttributeError, KeyError, IndexError, NotImplementedError) as error:
        raise SetupError(_REFUSAL.format(kind=body.kind, why=error)) from error
    if ours.shape != own.shape:
        raise SetupError(_REFUSAL.format(kind=body.kind, why="its logits have another shape"))
    apart, scale = float((ours - own).abs().max()), float(own.abs().max())
    if apart > _SLACK.get(body.model.dtype, 0.1) * scale:  # NaN is no misfit; rows tell of it
        why = f"logits differ by {apart:.3g} where the greatest is {scale:.3g}"
        raise SetupError(_REFUSAL.format(kind=body.kind, why=why))


_REFUSAL = (
    "a prefix cannot be shared by rollouts of a {kind}: {why}. "
    "Serve the model and sample through its endpoint instead."
)


def _shared(body: Body, tokens: torch.Tensor) -> torch.Tensor:
    shared = tokens.shape[1] - 1
    prefix = Prefix(body, tokens[:, :shared])
    prefix.reach(shared)
    step = Step(Slots(prefix, 1, 1), [shared], [0])
    return body.logits(body.hidden(tokens[:, -1:], step.positions, step))[0, -1]
