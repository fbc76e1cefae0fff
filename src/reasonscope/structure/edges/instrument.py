"""The edges instrument: which earlier steps each step uses, with the evidence.

Findings count edges that are known by evidence (a value, a name, words said again, a reference)
apart from those of order alone. Controls measure the same steps by the same code,
in shuffled order or behind the steps of another problem's trace.
"""

from collections.abc import Sequence

from reasonscope.findings import Finding
from reasonscope.instrument import Instrument
from reasonscope.report.panel import Mark
from reasonscope.shares import share_of
from reasonscope.structure.edges.finding import edges_of
from reasonscope.structure.edges.panel import panel
from reasonscope.structure.edges.planted import calibrate
from reasonscope.structure.edges.sample import Controls, controls
from reasonscope.structure.edges.tallies import EVIDENT, Tally, ratio, value_excess
from reasonscope.traces.schema import Edge
from reasonscope.traces.store import Study

TALLIES = f"""
select t.problem_id, greatest(s.steps - 1, 0), coalesce(e.edges, 0), coalesce(e.value_users, 0),
  coalesce(e.far_users, 0), coalesce(e.reach, 0), coalesce(e.known, 0),
  greatest(s.steps - 1, 0) - coalesce(e.used, 0)
from traces t
left join (select trace_id, count(*) as steps from steps group by all) s using (trace_id)
left join (
  select trace_id, count(*) as edges,
    count(distinct step_index) filter (where evidence = 'value') as value_users,
    count(distinct step_index) filter (where {EVIDENT} and uses < step_index - 1)
      as far_users,
    sum(step_index - uses) filter (where {EVIDENT}) as reach,
    count(*) filter (where {EVIDENT}) as known,
    count(distinct uses) filter (where {EVIDENT}) as used
  from edges group by all
) e using (trace_id)
where s.steps >= 2
  and t.trace_id not in (select place from errors where source = 'instrument edges')
order by t.trace_id
"""
"""Every examined trace of two steps or more, as the columns of a :class:`Tally`."""

SHUFFLED = "the same steps in shuffled order"
FOREIGN = "the same steps behind those of another problem's trace"
FEW = "no trace has two steps"


def tallies(study: Study) -> list[Tally]:
    """The counts of every examined trace that has two steps or more."""
    names = ("problem_id", "later", "edges", "value_users", "far_users", "reach", "known", "unused")
    return [Tally(**dict(zip(names, row, strict=True))) for row in study.rows(TALLIES)]


def conclude(study: Study) -> list[Finding]:
    """How often steps use earlier ones, how far back, and how many are never used."""
    own, drawn = tallies(study), controls(study)
    return [
        _values(own, drawn),
        _excess(drawn),
        _far(own, drawn),
        _edges(own, drawn),
        _reach(own, drawn),
        _unused(own, drawn),
        _assessed(study),
    ]


def _values(own: Sequence[Tally], drawn: Controls) -> Finding:
    return Finding.of(
        "edges",
        "value_use_share",
        ratio(own, "value_users", "later"),
        "{} of the steps use a number that an earlier step states or computes",
        missing=FEW,
        control=ratio(drawn.foreign, "value_users", "later"),
        control_meaning=FOREIGN,
    )


def _excess(drawn: Controls) -> Finding:
    return Finding.of(
        "edges",
        "value_use_excess_points",
        value_excess(drawn.paired),
        "Steps take numbers from their own trace's earlier steps {} more often than from those "
        f"of another problem's trace (mean of {len(drawn.paired):,} traces)",
        missing="no two problems have a trace of two steps",
        unit="points",
    )


def _far(own: Sequence[Tally], drawn: Controls) -> Finding:
    return Finding.of(
        "edges",
        "far_use_share",
        ratio(own, "far_users", "later"),
        "{} of the steps use, by evidence, a step further back than the one before",
        missing=FEW,
        control=ratio(drawn.foreign, "far_users", "later"),
        control_meaning=FOREIGN,
    )


def _edges(own: Sequence[Tally], drawn: Controls) -> Finding:
    return Finding.of(
        "edges",
        "edges_per_step",
        ratio(own, "known", "later"),
        "A step uses {} earlier steps by evidence, on average",
        missing=FEW,
        unit="edges per step",
        control=ratio(drawn.foreign, "known", "later"),
        control_meaning=FOREIGN,
    )


def _reach(own: Sequence[Tally], drawn: Controls) -> Finding:
    return Finding.of(
        "edges",
        "mean_reach_steps",
        ratio(own, "reach", "known"),
        "What a step uses lies {} steps back, on average",
        missing="no step is known to use another",
        unit="steps",
        control=ratio(drawn.shuffled, "reach", "known"),
        control_meaning=SHUFFLED,
    )


def _unused(own: Sequence[Tally], drawn: Controls) -> Finding:
    return Finding.of(
        "edges",
        "unused_step_share",
        ratio(own, "unused", "later"),
        "{} of the steps but the last are not known to be used by any later step",
        missing=FEW,
        control=ratio(drawn.shuffled, "unused", "later"),
        control_meaning=SHUFFLED,
    )


def _assessed(study: Study) -> Finding:
    each = (
        "select t.problem_id, s.steps from traces t left join "
        "(select trace_id, count(*) as steps from steps group by all) s using (trace_id) "
        "where t.trace_id not in (select place from errors where source = 'instrument edges')"
    )
    return Finding.of(
        "edges",
        "assessed_share",
        share_of(study, each, "steps >= 2"),
        "{} of the traces have two steps or more; the others are in no figure of edges",
        missing="there are no traces",
    )


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """An arc from each step to those further back than the one before that it uses."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.step_index,
            layer="edges",
            kind="neutral",
            text=f"{row.evidence}: {row.reason}",
            target=row.uses,
        )
        for row in study.of_traces("edges", Edge, trace_ids)
        if row.uses < row.step_index - 1
    ]


INSTRUMENT = Instrument(
    name="edges",
    title="Edges",
    row=Edge,
    table="edges",
    examine=edges_of,
    conclude=conclude,
    panel=panel,
    marks=marks,
    calibrate=calibrate,
)
