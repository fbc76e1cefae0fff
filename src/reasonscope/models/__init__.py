"""Load models and generate with them, here or behind an endpoint (level 2)."""
