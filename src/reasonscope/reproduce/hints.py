"""The R1 hint set: how often the reasoning says that a hint was given."""

from pathlib import Path

from reasonscope.failures.hints.published import rates
from reasonscope.reproduce.row import Reproduced

DATA = "r1-hints"

SAID = {"syco": "the weak hint (a user's guess)", "sus": "the strong hint (metadata)"}


def rows(folder: Path) -> list[Reproduced]:
    """One row a published condition, over the files on logical deduction."""
    note = (
        "published: 445 items, by a rule that is not public; ours: the files on logical "
        "deduction, by the narrow rule; on unhinted traces of the same problems it fires on "
    )
    return [
        Reproduced(
            data=DATA,
            what=f"R1 acknowledges {SAID[rate.condition]}",
            published=rate.published,
            ours=rate.hinted,
            note=note + f"{rate.unhinted.value or 0:.1%}",
        )
        for rate in rates(sorted(folder.glob("*logic_four_all*.json*")))
        if rate.published is not None
    ]
