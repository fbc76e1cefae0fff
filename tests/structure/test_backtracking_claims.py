"""Claims on the same thing are compared by their values; nothing is computed."""

from hypothesis import given
from hypothesis import strategies as st

from reasonscope.structure.backtracking.claims import claims, differs, replaced
from reasonscope.structure.backtracking.content import Index, alike, tokens
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.segment.steps import steps_of


def index_of(*texts: str) -> Index:
    trace = Trace.make(Problem.make("?"), "".join(texts))
    ends = [sum(map(len, texts[: i + 1])) for i in range(len(texts))]
    return Index(steps_of(trace, ends))


def test_factors_may_change_places_but_not_their_sign() -> None:
    assert differs(claims("3 * 4 = 12"), claims("4 * 3 = 12")) is False
    assert differs(claims("3 * 4 = 12"), claims("3 + 4 = 7")) is None


def test_words_may_stand_around() -> None:
    assert differs(claims("The total cost is 48."), claims("So the total cost is $50.")) is True


def test_the_last_claim_counts() -> None:
    before = claims("The total is 48.")
    assert differs(before, claims("The total is 50. No, the total is 48.")) is True
    assert differs(before, claims("The total is 48. Yes, the total is 48.")) is False


def test_an_unfinished_value_is_no_claim() -> None:
    """In "the cost is 3 * 4" the 3 is no value of the cost."""
    assert [c.value for c in claims("the cost is 3 * 4 = 12")] == ["12"]


def test_not_this_but_that() -> None:
    assert replaced("Wait, that's 16, not 14.") == ("14", "16")
    assert replaced("That's 16, not 16.") is None
    assert replaced("That's not 16.") is None


def test_a_rare_word_finds_its_step() -> None:
    index = index_of("The lamp costs 3. ", "The rope costs 4. ", "The tent costs 5. ", "Now on. ")
    found = index.earlier(tokens("what of the rope?"), 3, 0.1)
    assert found[0].step == 1


def test_nothing_is_found_after_the_place() -> None:
    index = index_of("The lamp costs 3. ", "The rope costs 4. ")
    assert index.earlier(tokens("rope"), 1, 0.0) == []


def test_alike_needs_the_same_values() -> None:
    assert alike(tokens("Each box holds 3 pens."), tokens("each box holds 3 pens"))
    assert not alike(tokens("Each box holds 3 pens."), tokens("each box holds 4 pens"))


@given(st.text(max_size=300))
def test_any_text_has_claims_and_tokens(text: str) -> None:
    assert all(claim.subject for claim in claims(text))
    assert all(tokens(text))


def test_long_lines_of_digits_and_brackets_end() -> None:
    for hostile in ("9" * 100_000, "= 1 " * 30_000, "is " * 50_000, "(" * 100_000, "a=" * 50_000):
        claims(hostile)
        tokens(hostile)
