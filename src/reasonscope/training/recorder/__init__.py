"""The flight recorder of a training run."""

from reasonscope.training.recorder.recorder import LIMIT, Recorder
from reasonscope.training.recorder.watching import RecorderCallback, problem_of_row

__all__ = ["LIMIT", "Recorder", "RecorderCallback", "problem_of_row"]
