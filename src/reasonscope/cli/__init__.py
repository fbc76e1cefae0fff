"""The command line: thin, one file per command group, imports lazily (level 7)."""
