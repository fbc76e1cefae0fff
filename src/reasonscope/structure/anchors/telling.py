"""What was found of a trace's steps, in plain sentences."""

from collections.abc import Iterator, Sequence

from reasonscope.findings import percent
from reasonscope.structure.anchors.budget.allocation import Spent
from reasonscope.structure.anchors.intervals import anchors
from reasonscope.structure.anchors.record import Anchor
from reasonscope.traces.schema import Step

EXCERPT = 60
"""Characters of a step that are shown."""


def told(rows: Sequence[Anchor], steps: Sequence[Step], spent: Spent) -> Iterator[str]:
    """Lines for a person: the anchors, what stays open, and what was spent."""
    found = sorted((row for row in rows if row.anchor), key=lambda row: -abs(row.importance or 0.0))
    yield headline(rows)
    for row in found:
        yield f"  {moved(row)}  {excerpt(steps[row.step].text)}"
    yield from _of_answers(rows, steps)
    yield from _open(rows)
    yield cost(spent)


def headline(rows: Sequence[Anchor]) -> str:
    """How many steps decide the answer.

    >>> headline([])
    'No step could be assessed: no rollout has an answer that can be compared'
    """
    known = [row for row in rows if row.importance is not None]
    found = sum(row.anchor is True for row in rows)
    if not known:
        return "No step could be assessed: no rollout has an answer that can be compared"
    if not found:
        return f"No step of {len(known)} can be told from one without effect on the answer"
    verb = "decides" if found == 1 else "decide"
    return f"{found} of {len(known)} steps {verb} whether the answer is right"


def movers(rows: Sequence[Anchor]) -> list[Anchor]:
    """The steps that change which answer comes, right or wrong, by the rule of anchors."""
    called = anchors([row.distance_p for row in rows])
    return [row for row, (_, found) in zip(rows, called, strict=True) if found]


def _of_answers(rows: Sequence[Anchor], steps: Sequence[Step]) -> Iterator[str]:
    """What steps do to which answer comes, whether or not it is right."""
    accuracies = {at for row in rows for at in (row.accuracy_resampled, row.accuracy_kept)} - {None}
    if accuracies in ({0.0}, {1.0}):
        always = "right" if accuracies == {1.0} else "wrong"
        yield f"All answers are {always}, whatever is kept: no step can decide about that"
    for row in movers(rows):
        if not row.anchor:
            yield (
                f"  step {row.step + 1} changes which answer comes, by {row.distance or 0.0:.2f} "
                f"bits  {excerpt(steps[row.step].text)}"
            )


def moved(row: Anchor) -> str:
    """What keeping a step does to the accuracy, with its interval; steps counted from 1."""
    ends = [round(100 * end) for end in (row.low, row.high) if end is not None]
    within = f" [{ends[0]:+d} to {ends[1]:+d}]" if len(ends) == 2 else ""
    return (
        f"step {row.step + 1}: {100 * (row.importance or 0.0):+.0f} points{within}, "
        f"from {percent(row.accuracy_resampled)} right to {percent(row.accuracy_kept)}"
    )


def excerpt(text: str) -> str:
    r"""The start of a step, on one line.

    >>> excerpt("So we\nadd them.")
    'So we add them.'
    """
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1].rstrip() + "…"


def _open(rows: Sequence[Anchor]) -> Iterator[str]:
    """What was not read, and how far that could move the importances."""
    made = sum(row.rollouts for row in rows)
    cut, unparsable = sum(row.cut for row in rows), sum(row.unparsable for row in rows)
    failed = sum(row.failed for row in rows)
    if made and cut + unparsable:
        yield (
            f"{cut:,} of {made:,} rollouts were cut at the limit and {unparsable:,} ended without "
            "an answer that could be compared; the bounds say what they could change"
        )
    if failed:
        yield f"{failed:,} rollouts failed; the same command tries them again"


def cost(spent: Spent) -> str:
    """What the rollouts took, beside the published way."""
    published = f"100 rollouts at every step would take ({spent.uniform_tokens:,.0f} tokens)"
    said = f"{spent.rollouts:,} rollouts, {spent.tokens:,} tokens"
    if spent.saved is None:
        return f"{said}; {published}"
    if spent.saved < 1:
        return f"{said}, {1 / spent.saved:.1f} times as many as {published}"
    return f"{said}, {spent.saved:.1f} times fewer than {published}"
