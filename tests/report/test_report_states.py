"""Several verdicts add up to one state a step."""

from small_studies import make_case, make_final, make_verdict

from reasonscope.report.states import first_error, outcome, shares, step_states, worst

CASE = make_case("?", ["a ", "b ", "c"])


def test_one_false_claim_outweighs_two_right_ones():
    verdicts = [make_verdict(CASE, 1, c) for c in (True, False, True)]
    assert step_states(3, verdicts) == ("none", "bad", "none")


def test_a_claim_that_holds_outweighs_one_that_could_not_be_told():
    verdicts = [make_verdict(CASE, 0, c) for c in (None, True)]
    assert step_states(3, verdicts)[0] == "good"


def test_a_retracted_error_is_not_the_first_error():
    verdicts = [
        make_verdict(CASE, 0, False, retracted=True, retracted_by=1),
        make_verdict(CASE, 2, False),
    ]
    states = step_states(3, verdicts)
    assert states[0] == "retracted"
    assert first_error(states) == 2


def test_no_error_no_first_error():
    assert first_error(step_states(3, [make_verdict(CASE, 0, True)])) is None


def test_a_verdict_on_the_answer_or_past_the_end_is_no_step_state():
    verdicts = [make_verdict(CASE, None, False), make_verdict(CASE, 2, False)]
    assert step_states(2, verdicts) == ("none", "none")


def test_shares_tile_all_steps():
    for count in range(12):
        found = shares(("good",) * count, 5)
        assert [a for a, _, _ in found] == [0, *(b for _, b, _ in found)][: len(found)]
        assert (found[-1][1] if found else 0) == count


def test_a_share_shows_its_most_telling_state():
    assert worst(("none", "good", "retracted")) == "retracted"
    assert worst(()) == "none"


def test_the_compared_answer_is_asked_before_verdicts_and_source():
    case = make_case("?", ["a"], stated_correct=True)
    verdict = make_verdict(case, None, True)
    assert outcome(case.trace, [verdict], [make_final(case, "1", False)]).correct is False
    assert outcome(case.trace, [verdict], [make_final(case, "1", None)]).by == "verdicts"
    assert outcome(case.trace, [], []).by == "source"


def test_nobody_says_so_it_is_unknown():
    held = outcome(make_case("?", ["a"]).trace, [], [])
    assert held.correct is None
    assert held.by == ""
