"""Edges: which earlier steps each step uses, and how that is known."""

from reasonscope.structure.edges.finding import edges_between, edges_of
from reasonscope.structure.edges.instrument import INSTRUMENT

__all__ = ["INSTRUMENT", "edges_between", "edges_of"]
