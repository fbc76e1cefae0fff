"""How often the two rules err on real traces, counted by reading."""

from reasonscope.stats import Estimate, rogan_gladen, wilson

READ = 328
"""Hinted R1 traces of logical deduction whose reasoning was read for it: every sentence with one
of about forty words for a source, a claim or a doubt. The rule was written on the same traces, so
that on other hints and models it will err more often; see docs/instruments/hints.md."""
SENSITIVITY = {"says": (135, 136), "says_wide": (136, 136)}
"""By rule: of the traces that say that an answer was given to them, those that it finds."""
SPECIFICITY = {"says": (191, 192), "says_wide": (145, 192)}
"""By rule: of the hinted traces that do not say so, those that it leaves alone."""


def corrected(apparent: Estimate, rule: str = "says") -> Estimate:
    """The share of traces that truly say so behind the share that a rule counts."""
    return rogan_gladen(apparent, wilson(*SENSITIVITY[rule]), wilson(*SPECIFICITY[rule]))
