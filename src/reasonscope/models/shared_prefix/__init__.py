"""Rollouts from many prefixes of one trace, which is read once and kept once."""

from reasonscope.models.shared_prefix.engine import SharedPrefix

__all__ = ["SharedPrefix"]
