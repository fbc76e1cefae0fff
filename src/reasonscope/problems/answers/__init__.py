"""Finding the answers that a trace states, and comparing them with the reference.

>>> from reasonscope.traces.schema import Problem, Trace
>>> problem = Problem.make("How far?", answer="540", answer_kind="number")
>>> thought = "3 * 180 = 540. So the answer is 540."
>>> trace = Trace.make(problem, thought, closing="</think>", answer="540 m")
>>> [(c.text, c.correct, c.final) for c in candidates(problem, trace)]
[('540', True, False), ('540', True, True)]
"""

from reasonscope.problems.answers.candidates import candidates
from reasonscope.problems.answers.comparison import Comparison, compare
from reasonscope.problems.answers.extraction import final_answer

__all__ = ["Comparison", "candidates", "compare", "final_answer"]
