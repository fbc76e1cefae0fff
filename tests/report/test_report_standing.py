"""Where findings stand: headlines, panels, or the list of what could not be assessed."""

from small_studies import make_finding

from reasonscope.report.standing import standing

NONE = "This could not be assessed: no traces"


def names(views) -> list[str]:
    return [view.name for view in views]


def test_a_headline_stands_at_the_head_and_not_again_with_its_panel():
    held = standing(
        [make_finding(name="a"), make_finding(name="b")], ["answers"], {"answers": ("b",)}
    )
    assert names(held.headlines["answers"]) == ["b"]
    assert names(held.others["answers"]) == ["a"]


def test_headlines_follow_the_instruments_and_their_own_order():
    findings = [
        make_finding(name="a", instrument="late"),
        make_finding(name="x", instrument="early"),
        make_finding(name="y", instrument="early"),
    ]
    held = standing(findings, ["early", "late"], {"early": ("y", "x"), "late": ("a",)})
    assert list(held.headlines) == ["early", "late"]
    assert names(held.headlines["early"]) == ["y", "x"]


def test_a_headline_without_a_value_is_no_headline():
    held = standing([make_finding(None, name="a", sentence=NONE)], [], {"answers": ("a",)})
    assert held.headlines == held.others == {}
    [missing] = held.unassessed
    assert (missing.reason, missing.names) == ("no traces", ("a",))


def test_one_reason_is_said_once_for_all_its_findings():
    findings = [
        make_finding(None, name="a", sentence=NONE),
        make_finding(None, name="b", sentence=NONE),
        make_finding(None, name="c", sentence="This could not be assessed: something else"),
    ]
    held = standing(findings, ["answers"], {})
    assert [(m.reason, m.names) for m in held.unassessed] == [
        ("no traces", ("a", "b")),
        ("something else", ("c",)),
    ]
    assert held.unassessed_count == 3


def test_an_instrument_is_idle_only_if_nothing_of_it_has_a_value():
    nothing = make_finding(None, name="a", sentence=NONE)
    assert standing([nothing], ["answers"], {}).idle("answers") == "no traces"
    both = [nothing, make_finding(name="b")]
    assert standing(both, ["answers"], {}).idle("answers") == ""
    assert standing(both, ["answers"], {"answers": ("b",)}).idle("answers") == ""


def test_an_instrument_that_says_nothing_is_not_idle():
    """It may draw a panel all the same."""
    assert standing([], ["answers"], {}).idle("answers") == ""


def test_findings_of_an_instrument_without_a_panel_come_last():
    findings = [make_finding(instrument="stranger"), make_finding(instrument="known")]
    assert list(standing(findings, ["known"], {}).others) == ["known", "stranger"]


def test_a_headline_that_no_finding_has_does_no_harm():
    assert standing([], [], {"answers": ("nowhere",)}).headlines == {}
