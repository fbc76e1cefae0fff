"""Logs of other trainers as rows of table ``recorded``."""
