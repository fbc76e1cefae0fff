"""Steps checked with z3: entailed by the problem's premises, contradicted by them, or open."""
