"""Reading and editing what passes the sites of a model; the only place that registers hooks."""

from reasonscope.models.hooks.reading import Readings, read, reading
from reasonscope.models.hooks.verified import layout_of

__all__ = ["Readings", "layout_of", "read", "reading"]
