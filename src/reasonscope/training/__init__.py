"""Train a reasoning model with a flight recorder, and read what the recorder wrote (level 5)."""
