"""The report: one page from records alone (level 2; no torch)."""
