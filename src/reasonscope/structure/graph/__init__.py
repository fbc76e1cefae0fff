"""Graphs of a trace: which step uses which, and the walk over kinds of steps."""

from reasonscope.structure.graph.instrument import INSTRUMENT

__all__ = ["INSTRUMENT"]
