"""The flight recorder of a training run."""

from reasonscope.training.recorder.live import LIMIT
from reasonscope.training.recorder.recorder import Recorder
from reasonscope.training.recorder.watching import RecorderCallback, problem_of_row

__all__ = ["LIMIT", "Recorder", "RecorderCallback", "problem_of_row"]
