"""Read what training did: instruments over a recorder's table and over checkpoints' traces."""
