"""A learned verifier of steps, with its error rate known."""

from reasonscope.training.verifier.evaluation import Card
from reasonscope.training.verifier.evidence import Evidence, evidence_of
from reasonscope.training.verifier.learned import Learned, fit, load, save
from reasonscope.training.verifier.reward import learned_reward, step_reward

__all__ = [
    "Card",
    "Evidence",
    "Learned",
    "evidence_of",
    "fit",
    "learned_reward",
    "load",
    "save",
    "step_reward",
]
