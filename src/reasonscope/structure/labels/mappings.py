"""The eight labels in other taxonomies: Schoenfeld episodes, four habits, three phases of SEAL.

A mapping says what our label most nearly is there. Where a taxonomy draws a line that ours does
not, the mapping says so by leaving a category without a label.
"""

from typing import Literal

from reasonscope.traces.schema import StepLabel

Episode = Literal["Read", "Analyze", "Plan", "Implement", "Explore", "Verify", "Monitor"]

SCHOENFELD: dict[StepLabel, Episode] = {
    "problem_setup": "Read",
    "plan_generation": "Plan",
    "fact_retrieval": "Analyze",
    "active_computation": "Implement",
    "uncertainty_management": "Monitor",
    "result_consolidation": "Analyze",
    "self_checking": "Verify",
    "final_answer_emission": "Implement",
}
"""Schoenfeld's episodes (Li 2509.14662, SCIENCE M11). Explore has no label of its own: trying
cases is computation here, and turning to another approach is uncertainty or a plan."""

Habit = Literal["verification", "backtracking", "subgoals", "backward chaining"]

HABITS: dict[StepLabel, Habit | None] = {
    "problem_setup": None,
    "plan_generation": "subgoals",
    "fact_retrieval": None,
    "active_computation": None,
    "uncertainty_management": "backtracking",
    "result_consolidation": None,
    "self_checking": "verification",
    "final_answer_emission": None,
}
"""Four habits (Gandhi 2503.01307, SCIENCE M10). Uncertainty holds doubts that turn nowhere, so it
is an upper bound for backtracking (the instrument ``backtracking`` counts returns themselves).
No label is backward chaining: working from the goal shows only in which step uses which."""

Phase = Literal["execution", "reflection", "transition"]

PHASES: dict[StepLabel, Phase] = {
    "problem_setup": "execution",
    "plan_generation": "transition",
    "fact_retrieval": "execution",
    "active_computation": "execution",
    "uncertainty_management": "reflection",
    "result_consolidation": "execution",
    "self_checking": "reflection",
    "final_answer_emission": "execution",
}
"""Execution, reflection, transition (SEAL 2504.07986, SCIENCE M28)."""
