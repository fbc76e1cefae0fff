"""Where reasoning goes wrong: wasted effort, missing premises, unfaithfulness (level 5)."""
