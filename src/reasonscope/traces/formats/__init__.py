"""Reading and writing the trace formats of others: ``read``, ``detect``, ``write``."""

from reasonscope.traces.formats.format import Format
from reasonscope.traces.formats.registry import FORMATS, detect, read
from reasonscope.traces.formats.writing import WRITERS, write

__all__ = ["FORMATS", "WRITERS", "Format", "detect", "read", "write"]
