"""Records, steps, the study on disk, and the formats of others (level 1)."""
