"""What the page must know of every trace, without reading its text: one query over the study."""

from dataclasses import dataclass

from reasonscope.traces.store import Study

_QUERY = """
with judged as (
    select trace_id,
        count(distinct step_index) filter (where correct is not null) as checked,
        count(distinct step_index) filter (where not correct and not retracted) as wrong,
        count(distinct step_index) filter (where retracted) as retracted,
        min(step_index) filter (where not correct and not retracted) as first_error,
        bool_and(correct) filter (where step_index is null) as final_verdict,
        count(*) as verdicts
    from verdicts group by trace_id
), answered as (
    select trace_id, bool_and(correct) filter (where final) as final_answer, count(*) as candidates
    from answers group by trace_id
), cut as (select trace_id, count(*) as steps from steps group by trace_id)
select t.trace_id, t.problem_id, t.model, p.family,
    coalesce(t.extra ->> '$.condition', t.extra ->> '$.hint', p.extra ->> '$.condition', ''),
    left(p.question, 160),
    case when final_answer is not null then final_answer
         when final_verdict is not null then final_verdict else t.stated_correct end,
    case when final_answer is not null then 'answers' when final_verdict is not null
         then 'verdicts' when t.stated_correct is not null then 'source' else '' end,
    length(t.reasoning), coalesce(cut.steps, 0), len(t.token_ids),
    strlen(t.reasoning) + strlen(t.answer) + strlen(coalesce(p.question, '')),
    coalesce(verdicts, 0) + coalesce(candidates, 0),
    coalesce(checked, 0), coalesce(wrong, 0), coalesce(judged.retracted, 0), first_error
from traces t
left join problems p using (problem_id) left join judged using (trace_id)
left join answered using (trace_id) left join cut using (trace_id)
order by t.trace_id
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """One trace in numbers: enough to list, filter, sort and choose it."""

    trace_id: str
    problem_id: str
    model: str
    family: str | None
    condition: str
    """What the source calls the condition or hint it was made under; empty: nothing said."""
    question: str | None
    """The start of the question."""
    correct: bool | None
    by: str
    """Who says that it is right or wrong (see :class:`states.Outcome`)."""
    chars: int
    """Length of the reasoning in characters."""
    steps: int
    tokens: int | None
    """Length of the output in tokens; None: tokens unknown."""
    weight: int
    """UTF-8 bytes of its question, reasoning and answer."""
    records: int
    """Verdicts and candidate answers that go with it."""
    checked: int
    """Steps with a verdict of right or wrong."""
    wrong: int
    """Steps that are false and not taken back."""
    retracted: int
    """Steps that are false and taken back."""
    first_error: int | None
    """The first step that is false and not taken back."""


def facts(study: Study) -> list[Facts]:
    """One :class:`Facts` for each trace, ordered by id."""
    return [Facts(*row) for row in study.rows(_QUERY)]
