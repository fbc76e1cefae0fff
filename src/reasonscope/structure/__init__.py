"""What a trace is made of: labels, edges, graphs, returns, flips (level 4)."""
