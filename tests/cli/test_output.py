"""What commands print of a trace is text: no markup, and no control of the terminal."""

from reasonscope.cli.output import remark, say

HOSTILE = "loading x[/]y \x1b]0;owned\x07"


def test_a_line_of_a_trace_cannot_steer_the_terminal(capsys):
    say(HOSTILE)
    assert capsys.readouterr().out == "loading x[/]y ⟨1b⟩]0;owned⟨07⟩\n"


def test_a_remark_is_no_markup(capsys):
    """Read as markup, a closing tag that nothing opened is an error."""
    remark(HOSTILE)
    said = capsys.readouterr().err
    assert "x[/]y" in said
    assert "\x1b]0" not in said
