"""Our instruments scored on public sets that people labelled (level 6)."""
