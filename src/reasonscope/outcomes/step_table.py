"""Steps with their outcome, as SQL over a study's tables."""

JUDGED = """
select t.problem_id, s.trace_id, s.index, s.char_start, length(t.reasoning) as characters, v.outcome
from steps s join traces t using (trace_id)
left join (
  select trace_id, step_index,
    case when bool_or(correct = false and not retracted) then false
         when bool_or(correct) then true end as outcome
  from verdicts where step_index is not null group by all
) v on v.trace_id = s.trace_id and v.step_index = s.index
where s.trace_id not in (select place from errors where source = 'instrument steps')
"""
"""Every step of an examined trace with its outcome: false, true, or null (not judged)."""

TRACES = f"""
select t.problem_id, t.trace_id, coalesce(bool_or(j.outcome = false), false) as wrong,
  coalesce(bool_or(j.outcome is not null), false) as judged, any_value(a.correct) as correct
from traces t left join ({JUDGED}) j on j.trace_id = t.trace_id
left join (select * from answers where final) a on a.trace_id = t.trace_id
where t.trace_id not in (select place from errors where source = 'instrument steps')
group by all
"""
"""Every examined trace: holds it a wrong step, a judged one, and is its final answer right."""
