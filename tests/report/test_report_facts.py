"""One query gives what the page must know of every trace."""

from small_studies import make_case, make_study, make_verdict, three_cases

from reasonscope.report.facts import facts
from reasonscope.report.overview import overview
from reasonscope.traces.schema import ErrorRow


def by_question(study):
    return {fact.question: fact for fact in facts(study)}


def test_counts_by_hand(small_study):
    wrong = by_question(small_study)["Three and three and one?"]
    assert (wrong.correct, wrong.by) == (False, "answers")
    assert (wrong.steps, wrong.checked, wrong.wrong, wrong.retracted) == (3, 2, 1, 0)
    assert wrong.first_error == 1
    mended = by_question(small_study)["Four and three?"]
    assert (mended.correct, mended.wrong, mended.retracted) == (True, 0, 1)
    assert mended.first_error is None


def test_two_false_claims_in_one_step_are_one_false_step(tmp_path):
    case = make_case("?", ["a ", "b"])
    verdicts = [make_verdict(case, 0, False), make_verdict(case, 0, False)]
    [fact] = facts(make_study(tmp_path / "s", [case], verdicts))
    assert fact.wrong == 1


def test_without_answers_the_source_is_believed(tmp_path):
    case = make_case("?", ["a"], stated_correct=False)
    [fact] = facts(make_study(tmp_path / "s", [case]))
    assert (fact.correct, fact.by) == (False, "source")


def test_a_trace_of_which_nothing_is_known(tmp_path):
    [fact] = facts(make_study(tmp_path / "s", [make_case("?", [])]))
    assert (fact.correct, fact.steps, fact.checked, fact.tokens) == (None, 0, 0, None)


def test_the_condition_is_read_from_extra(tmp_path):
    case = make_case("?", ["a"], extra={"condition": "hinted"})
    assert facts(make_study(tmp_path / "s", [case]))[0].condition == "hinted"


def test_a_condition_that_is_not_text_does_no_harm(tmp_path):
    case = make_case("?", ["a"], extra={"condition": {"deep": [1]}})
    assert "deep" in facts(make_study(tmp_path / "s", [case]))[0].condition


def test_an_empty_study_has_no_facts(tmp_path):
    assert facts(make_study(tmp_path / "s")) == []


def test_the_overview_says_what_is_held_and_what_is_missing(small_study):
    small_study.write_part("errors", "e", [ErrorRow(source="f", place="line 7", error="cut short")])
    small_study.remember_command("reasonscope import f")
    head = overview(small_study, facts(small_study))
    assert head.holds == (
        "3 traces of other, unknown on 3 problems. The median reasoning has 33 characters in "
        "3 steps."
    )
    assert head.unassessed == (
        "1 row could not be read or measured; the outcome of 1 trace is unknown; "
        "1 trace has no step that could be judged."
    )
    assert head.commands == ("reasonscope import f",)
    assert head.errors[0].place == "line 7"


def test_the_overview_counts_many_models_and_survives_odd_headers(tmp_path):
    cases = [make_case("?", ["a"], model=f"m{n}") for n in range(5)]
    study = make_study(tmp_path / "s", cases)
    file = study.path / "study.json"
    file.write_text('{"schema_version": 1, "name": 7, "created": null, "commands": "x"}')
    head = overview(study, facts(study))
    assert "5 models" in head.holds
    assert head.name == "7"
    assert head.commands == ()


def test_the_overview_of_nothing(tmp_path):
    study = make_study(tmp_path / "s")
    assert overview(study, []).holds == "No traces yet, 0 problems."


def test_three_cases_are_three_kinds():
    assert len({case.problem.question for case in three_cases()[0]}) == 3
