"""What the lengths of attempts say of a study, each with its control."""

from collections.abc import Callable

from reasonscope.failures.length import effort, shortest, within
from reasonscope.failures.length.attempts import Attempts, Read, permuted, read
from reasonscope.findings import Finding
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, InvertedU, clustered_proportion
from reasonscope.traces.store import Study

ALONE = "each problem has one attempt of a model whose answer could be judged"
PERMUTED = "the same attempts with their lengths shuffled among those at the same problem"
LEVEL = 0.05
"""Level of the test for an inverted U."""

COMPARED = """
with fit as (
  select t.problem_id, attempts_at, l.right is not null and not cut and tokens > 0 as judged
  from lengths l join traces t using (trace_id)
), beside as (
  select *, count(*) filter (where judged) over (partition by attempts_at) > 1 as again from fit
)
select count(*) filter (where judged and again), count(*) from beside
group by problem_id order by problem_id
"""
"""By problem: attempts that are judged beside another one, and all."""

Measure = Callable[[Attempts], Estimate]


def conclude(study: Study) -> list[Finding]:
    """Effects of length within problems, the shortest attempts, effort against difficulty."""
    held = read(study)
    return [
        *_within(held.attempts),
        *_hump(held.attempts),
        *_shortest(held.attempts),
        *_effort(held),
        _between(held.attempts),
        _assessed(study, held),
    ]


def control_of(attempts: Attempts) -> Attempts:
    """The attempts with their lengths shuffled within each problem, the same on every run."""
    return permuted(attempts, seed_for("length", "permuted"))


def _finding(
    name: str, measure: Measure, attempts: Attempts, says: str, missing: str, unit: str
) -> Finding:
    estimate = measure(attempts)
    known = estimate.value is not None
    return Finding.of(
        "length",
        name,
        estimate,
        says,
        missing=missing if attempts.judged().repeated().mixed() else why_not(attempts),
        unit=unit,
        control=measure(control_of(attempts)) if known else None,
        control_meaning=PERMUTED if known else "",
    )


def why_not(attempts: Attempts) -> str:
    """Why nothing can be compared within problems."""
    if not len(attempts.judged()):
        return "no final answer could be judged"
    return within.NEITHER if len(attempts.judged().repeated()) else ALONE


def _within(attempts: Attempts) -> list[Finding]:
    return [
        _finding(
            "longer_half_points",
            within.longer_half_points,
            attempts,
            "Among attempts of a model at the same problem, the accuracy of the longer half minus "
            "that of the shorter half is {}",
            ALONE,
            "points",
        ),
        _finding(
            "slope_points_per_doubling",
            within.slope_points,
            attempts,
            "Twice as much reasoning on the same problem goes with {} of accuracy",
            ALONE,
            "points",
        ),
        _finding(
            "right_to_wrong_length_ratio",
            within.right_to_wrong_ratio,
            attempts,
            "Right attempts are {} times as long as wrong ones at the same problem",
            within.NEITHER,
            "ratio",
        ),
        _finding(
            "right_minus_wrong_tokens",
            within.right_minus_wrong_tokens,
            attempts,
            "Mean tokens of right attempts minus those of wrong ones at the same problem: {}",
            within.NEITHER,
            "tokens",
        ),
    ]


def _hump(attempts: Attempts) -> list[Finding]:
    tested, control = within.inverted_u(attempts), within.inverted_u(control_of(attempts))
    p = Estimate(
        value=tested.p_value,
        n=tested.at_low.n,
        clusters=tested.at_low.clusters,
        method=tested.method,
    )
    found = Finding.of(
        "length",
        "inverted_u_p_value",
        p,
        f"Whether accuracy first rises and then falls with length within problems: {_told(tested)} "
        "(p = {})",
        missing=_no_test(attempts),
        unit="p",
        control=None if p.value is None else Estimate(value=control.p_value),
        control_meaning="" if p.value is None else PERMUTED,
    )
    return [found, _vertex(attempts, tested)]


def hump_seen(tested: InvertedU) -> bool:
    """Whether both tests see an inverted U: the quadratic's, and the one of the quarters.

    The quadratic's alone is fooled by accuracy that rises and then stays level.
    """
    both = (tested.p_value, tested.quarters_p_value)
    return all(p is not None and p <= LEVEL for p in both)


def _told(tested: InvertedU) -> str:
    if hump_seen(tested):
        return "an inverted U is seen"
    if tested.p_value is None or tested.p_value > LEVEL:
        return "no inverted U is seen"
    return "a quadratic has an inverted U, but the quarters do not: it may rise and stay level"


def vertex_ratio(tested: InvertedU) -> Estimate:
    """Where accuracy is highest, as a multiple of a problem's own mean length.

    Only where both tests see an inverted U: the vertex of a curve without one means nothing.
    """
    top = tested.vertex
    if not hump_seen(tested) or top.value is None:
        return Estimate(value=None, n=top.n, clusters=top.clusters, method=top.method)
    return Estimate(
        value=2.0**top.value,
        low=None if top.low is None else 2.0**top.low,
        high=None if top.high is None else 2.0**top.high,
        n=top.n,
        clusters=top.clusters,
        method=top.method,
    )


def _no_test(attempts: Attempts) -> str:
    if not attempts.judged().repeated().mixed():
        return why_not(attempts)
    return "a curve needs three attempts at a problem, and three problems with them"


def _vertex(attempts: Attempts, tested: InvertedU) -> Finding:
    p = tested.p_value
    return Finding.of(
        "length",
        "best_length_ratio",
        vertex_ratio(tested),
        "Accuracy is highest at {} times the mean length of the attempts at the problem",
        missing=_no_test(attempts)
        if p is None
        else f"no inverted U is seen (p = {p:.2g}), so there is no top",
        unit="ratio",
    )


def _shortest(attempts: Attempts) -> list[Finding]:
    return [
        _finding(
            "short_1_points",
            shortest.short_1_points,
            attempts,
            "Answering with the shortest of several attempts changes accuracy by {} against one "
            "drawn at random",
            f"no problem has {shortest.FEWEST_FOR_ONE} judged attempts of one model",
            "points",
        ),
        _finding(
            "short_3_points",
            shortest.short_3_points,
            attempts,
            "A vote of the shortest three changes accuracy by {} against three drawn at random",
            f"no problem has {shortest.FEWEST_FOR_THREE} judged attempts of one model",
            "points",
        ),
    ]


def _effort(held: Read) -> list[Finding]:
    named = " or ".join(held.size_names) or "size"
    few = f"fewer than {effort.FEWEST_PROBLEMS} problems"
    return [
        _effort_finding(
            "effort_failure_correlation",
            effort.by_failure(held.attempts),
            "The rank correlation of a problem's mean length with how often it is failed is {}",
            f"{few} with judged attempts, or all are failed equally often",
        ),
        _effort_finding(
            "effort_size_correlation",
            effort.by_size(held),
            f"The rank correlation of a problem's mean length with its stated {named} is {{}}",
            f"{few} state a size, or all state the same",
        ),
    ]


def _effort_finding(name: str, held: effort.Problems, says: str, missing: str) -> Finding:
    estimate = effort.effort_correlation(held)
    known = estimate.value is not None
    dealt = effort.shuffled(held, seed_for("length", "difficulties"))
    return Finding.of(
        "length",
        name,
        estimate,
        says,
        missing=missing,
        unit="correlation",
        control=effort.effort_correlation(dealt) if known else None,
        control_meaning="the difficulties dealt out anew among the problems" if known else "",
    )


def _between(attempts: Attempts) -> Finding:
    estimate = within.between_slope_points(attempts)
    inside = within.slope_points(attempts)
    known = estimate.value is not None and inside.value is not None
    return Finding.of(
        "length",
        "between_problems_slope_points",
        estimate,
        "A warning, no effect of length: between problems, twice the mean length goes with {} "
        "of accuracy, since harder problems take longer and fail more often",
        missing="no two problems with judged attempts of one model differ in accuracy",
        unit="points",
        control=inside if known else None,
        control_meaning="the slope within problems, which difficulty cannot bend" if known else "",
    )


def _assessed(study: Study, held: Read) -> Finding:
    counts = study.rows(COMPARED)
    estimate = clustered_proportion([row[0] for row in counts], [row[1] for row in counts])
    counts_out = ((held.cut, "were cut off"), (held.empty, "hold no reasoning"))
    left = "".join(f"; {n:,} {what} and are left out" for n, what in counts_out if n)
    says = (
        "{} of the traces can be compared with another judged attempt at the same problem"
        f"{left}; tokens are {held.tokens_known}"
    )
    return Finding.of("length", "compared_share", estimate, says, missing="there are no traces")
