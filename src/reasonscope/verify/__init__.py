"""Verifiers: step -> Verdict, with reasons (level 3)."""
