"""One row of table ``overthinking``: how a trace's tokens were spent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Overthinking:
    """Efficiency, underthinking and repetition of one trace."""

    trace_id: str
    tokens: int
    """Tokens of the reasoning."""
    final_correct: bool | None
    """The answer that counts; None: there is none, or it could not be told."""
    reaches_right: bool | None
    """Some answer of the trace is right; None: it could not be told."""
    outcome_efficiency: float | None
    """Share of the tokens up to the first right answer, 0 where no answer is right; 1 is best."""
    solutions: int
    """Stretches of reasoning that end in a candidate answer."""
    distinct: int
    """Those of them that go a way of their own."""
    process_efficiency: float | None
    """Share of the tokens in solutions that go a way of their own; 1 is best."""
    first_tokens: int
    """Tokens of the first solution."""
    own_tokens: int
    """Tokens of the solutions that are the first to go their way, the first solution's included."""
    solution_tokens: int
    """Tokens of all solutions: those up to the last candidate answer."""
    solution_steps: tuple[int, ...]
    """The step in which each solution ends."""
    solution_ways: tuple[int, ...]
    """Which solutions go the same way: equal numbers."""
    thoughts: int
    """Thoughts, split where the trace switches."""
    right_tokens: int | None
    """Tokens up to the end of the first thought in which the right answer comes out."""
    underthinking: float | None
    """Of a trace with a wrong answer: share of tokens after that thought, 0 where there is none."""
    words: int
    repeated_words: int
    """Words within runs that stood before in the same trace."""
    repetition_share: float | None
    loop_words: int
    """Words of the loop that the reasoning ends in; 0: it ends in none."""
    repeated_steps: tuple[int, ...]
    """Steps of which nearly all words stood before; the first ones of a great many."""
    capped: bool
    """A very long trace: repetition was measured on its beginning only."""
