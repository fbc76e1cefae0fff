"""Thought anchors: which steps of a trace decide its answer, with intervals and at what cost."""
