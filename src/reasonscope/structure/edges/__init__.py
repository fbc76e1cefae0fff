"""Edges: which earlier steps each step uses, and how that is known."""
