"""Tiny reasoning models whose mechanism and failures are known: recipes and shipped weights."""
