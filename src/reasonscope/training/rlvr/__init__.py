"""Reinforcement learning with verifiable rewards, on TRL's GRPO trainer."""

from reasonscope.training.rlvr.run import train_rlvr
from reasonscope.training.rlvr.settings import RLSettings
from reasonscope.training.trained import Trained

__all__ = ["RLSettings", "Trained", "train_rlvr"]
