"""Logs of other trainers as rows of table ``recorded``."""

from reasonscope.dynamics.logs.importing import LogSummary, import_log, read_log
from reasonscope.dynamics.logs.names import trl_name, verl_name

__all__ = ["LogSummary", "import_log", "read_log", "trl_name", "verl_name"]
