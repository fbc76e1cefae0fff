"""What came out: instruments for right answers and right steps (level 4)."""
