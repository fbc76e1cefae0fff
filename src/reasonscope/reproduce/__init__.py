"""Published numbers measured again on the public data that they come from (level 6)."""

from reasonscope.reproduce.row import Reproduced
from reasonscope.reproduce.table import reproduce

__all__ = ["Reproduced", "reproduce"]
