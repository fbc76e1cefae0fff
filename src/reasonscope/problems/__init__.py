"""Problems with exact ways to check an answer (level 1)."""
