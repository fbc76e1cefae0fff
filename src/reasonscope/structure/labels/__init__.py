"""What each step does: a small labeller, its measured errors, and shares that allow for them."""
