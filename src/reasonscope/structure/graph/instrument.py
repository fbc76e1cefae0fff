"""The graph instrument: how deep and branched a trace is, and whether it returns and goes round.

Every measure stands beside its control: the same steps in shuffled order for the walk over kinds
of steps, the same number of edges at random for the graph of uses, and outcomes shuffled among
traces of like length for the comparison of right with wrong.
"""

from collections.abc import Sequence
from typing import Any

from reasonscope.findings import Finding
from reasonscope.instrument import Instrument
from reasonscope.report.panel import Mark
from reasonscope.stats import Estimate, clustered_proportion, mean_by_cluster
from reasonscope.structure.graph.examining import examine
from reasonscope.structure.graph.outcomes import Ended, labels_shuffled, matched_difference
from reasonscope.structure.graph.panel import panel
from reasonscope.structure.graph.planted import calibrate
from reasonscope.structure.graph.record import Graph
from reasonscope.traces.store import Study

SHUFFLED = "the same steps in shuffled order"
REWIRED = "as many edges from each step, each to an earlier step at random"
SMALL = "no trace visits enough kinds of steps"
OUTCOMES = "outcomes shuffled among traces of like length"

MEANS = (
    ("revisit_share", "revisit_share", "{} of the visits return to a kind of step seen before",
     "share", "shuffled_revisit_share", SHUFFLED),
    ("loop_count", "loop_revisits", "The first kind of step that comes again does so {} times",
     "times", "shuffled_loop_count", SHUFFLED),
    ("diameter", "diameter_edges", "The farthest kinds of steps lie {} transitions apart",
     "transitions", "shuffled_diameter", SHUFFLED),
    ("path_length", "path_length_edges", "Two kinds of steps lie {} transitions apart on average",
     "transitions", "shuffled_path_length", SHUFFLED),
    ("clustering", "clustering_share",
     "{} of the pairs of kinds that follow the same kind also follow each other",
     "share", "shuffled_clustering", SHUFFLED),
    ("depth", "depth_steps", "The longest chain of steps that use each other has {} edges",
     "edges", "rewired_depth", REWIRED),
    ("branching_ratio", "branching_share", "{} of the steps are used by several later ones",
     "share", "rewired_branching_ratio", REWIRED),
)  # fmt: skip
"""Column, finding, sentence, unit, column of the control, and its meaning."""

EXAMINED = (
    "graphs g join traces t using (trace_id) where t.trace_id not in "
    "(select place from errors where source = 'instrument graph')"
)

COMPARED = (
    ("depth", "depth_outcome_steps", "edges", "Chains of uses differ by {} edges in right traces"),
    ("revisit_share", "revisit_outcome_points", "points",
     "The share of visits that return differs by {} in right traces"),
)  # fmt: skip


def conclude(study: Study) -> list[Finding]:
    """Means over traces beside their controls, differences by outcome, and what was assessed."""
    held = columns(study)
    return [
        _cycles(study),
        *(_mean(held, *told) for told in MEANS),
        *_small_world(held),
        *(_by_outcome(study, *told) for told in COMPARED),
        _assessed(study),
    ]


def _cycles(study: Study) -> Finding:
    rows = study.rows(
        "select count(*) filter (where cycle), count(*), avg(shuffled_cycle), "
        f"any_value(t.problem_id) from {EXAMINED} and cycle is not null "
        "group by t.problem_id order by t.problem_id"
    )
    return Finding.of(
        "graph",
        "cycle_share",
        clustered_proportion([row[0] for row in rows], [row[1] for row in rows]),
        "{} of the traces come back to a kind of step after others",
        missing=SMALL,
        control=mean_by_cluster([row[2] for row in rows], [row[3] for row in rows]),
        control_meaning=SHUFFLED,
    )


Columns = dict[str, list[Any]]


def columns(study: Study) -> Columns:
    """The table's columns, over the traces that were examined, with the problem of each."""
    names = ["problem_id", *dict.fromkeys(name for told in MEANS for name in (told[0], told[4]))]
    names += ["small_world", "shuffled_small_world"]
    rows = study.rows(f"select {', '.join(names)} from {EXAMINED} order by t.trace_id")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def averaged(held: Columns, column: str, less: str = "") -> Estimate:
    """The mean of a column (less another) over traces that have it, clustered by problem."""
    other = held[less] if less else [0.0] * len(held[column])
    known = [
        (one - two, problem)
        for one, two, problem in zip(held[column], other, held["problem_id"], strict=True)
        if one is not None and two is not None
    ]
    return mean_by_cluster([value for value, _ in known], [problem for _, problem in known])


def _mean(
    held: Columns, column: str, name: str, says: str, unit: str, control: str, meaning: str
) -> Finding:
    return Finding.of(
        "graph",
        name,
        averaged(held, column),
        says,
        missing=SMALL,
        unit=unit,
        control=averaged(held, control),
        control_meaning=meaning,
    )


def _small_world(held: Columns) -> list[Finding]:
    index = Finding.of(
        "graph",
        "small_world_index",
        averaged(held, "small_world"),
        "The walks have a small-world index of {}, which says nothing before it is compared "
        "with the same steps shuffled",
        missing="no trace visits ten kinds of steps",
        unit="index",
        control=averaged(held, "shuffled_small_world"),
        control_meaning=SHUFFLED,
    )
    excess = Finding.of(
        "graph",
        "small_world_excess",
        averaged(held, "small_world", "shuffled_small_world"),
        "The small-world index differs by {} from that of the same steps in shuffled order",
        missing="no trace visits ten kinds of steps",
        unit="index",
    )
    return [index, excess]


def _by_outcome(study: Study, column: str, name: str, unit: str, says: str) -> Finding:
    traces = ended(study, column)
    seed = len(traces)
    return Finding.of(
        "graph",
        name,
        matched_difference(traces),
        f"{says} from wrong ones of the same length",
        missing="fewer than ten right or ten wrong traces have a graph, or length tells them apart",
        unit=unit,
        control=matched_difference(labels_shuffled(traces, seed)),
        control_meaning=OUTCOMES,
    )


def ended(study: Study, column: str) -> list[Ended]:
    """Each trace with a known outcome and a known measure."""
    rows = study.rows(
        f"select t.problem_id, g.steps, a.correct, g.{column} from graphs g "
        "join traces t using (trace_id) join (select * from answers where final) a "
        f"using (trace_id) where a.correct is not null and g.{column} is not null "
        "and t.trace_id not in (select place from errors where source = 'instrument graph') "
        "order by t.trace_id"
    )
    return [Ended(problem, steps, right, float(value)) for problem, steps, right, value in rows]


def _assessed(study: Study) -> Finding:
    rows = study.rows(
        "select count(*) filter (where revisit_share is not null), count(*), "
        f"count(*) filter (where walked < steps) from {EXAMINED} "
        "group by t.problem_id order by t.problem_id"
    )
    cut = sum(row[2] for row in rows)
    return Finding.of(
        "graph",
        "assessed_share",
        clustered_proportion([row[0] for row in rows], [row[1] for row in rows]),
        "{} of the traces visit enough kinds of steps for a walk to be measured; "
        f"{cut:,} were walked over their first 2,000 steps only",
        missing="there are no traces",
    )


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """None: graphs belong to traces, not to steps; the edges have their own marks."""
    return []


INSTRUMENT = Instrument(
    name="graph",
    title="Graph",
    row=Graph,
    table="graphs",
    examine=examine,
    needs=("edges", "answers"),
    conclude=conclude,
    panel=panel,
    marks=marks,
    calibrate=calibrate,
)
