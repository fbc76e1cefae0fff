"""Splitting a model's output into reasoning and answer, and reasoning into steps."""

from reasonscope.traces.segment.output import Output, split_output
from reasonscope.traces.segment.sentences import step_ends
from reasonscope.traces.segment.steps import steps_of

__all__ = ["Output", "split_output", "step_ends", "steps_of"]
