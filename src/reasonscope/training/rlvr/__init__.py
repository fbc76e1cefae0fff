"""Reinforcement learning with verifiable rewards, on TRL's GRPO trainer."""

from reasonscope.training.rlvr.run import Trained, train_rlvr
from reasonscope.training.rlvr.settings import RLSettings

__all__ = ["RLSettings", "Trained", "train_rlvr"]
