"""Rebuild the family: every organism in order, with the minutes that each took.

``python -m reasonscope.organisms.build --out FOLDER`` makes what is missing and ends with the
shipped form of all of it; killed, the same command goes on.
"""

import json
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from reasonscope.organisms.cards import write_card
from reasonscope.organisms.recipes import FAMILY, Organism, Scene
from reasonscope.organisms.shipping import ship

MINUTES = "minutes.json"
"""The file in the family's folder that says how long each organism took. It is written after the
weights, so one that it names is whole; one that was killed on the way is gone on with."""


def build(
    out: Path,
    *,
    names: Sequence[str] = (),
    seed: int = 0,
    scale: float = 1.0,
    told: Callable[[str], None] = print,
) -> dict[str, float]:
    """Make the named organisms (all, if none is named) that are not there yet.

    Args:
        out: The folder of the runs.
        names: Organisms; what they start from must be there or named.
        seed: Of the whole family.
        scale: Share of all steps, to try the recipes out.
        told: Told how far it is.

    Returns:
        Minutes of every organism that was ever made in this folder.
    """
    out.mkdir(parents=True, exist_ok=True)
    for organism in FAMILY:
        if (names and organism.name not in names) or organism.name in minutes(out):
            continue
        began = time.monotonic()
        _make(out, organism, seed, scale, told)
        _note(out, organism.name, (time.monotonic() - began) / 60)
        told(f"{organism.name}: made in {minutes(out)[organism.name]:.1f} minutes")
    return minutes(out)


def _make(
    out: Path, organism: Organism, seed: int, scale: float, told: Callable[[str], None]
) -> None:
    def named(text: str) -> None:
        told(f"{organism.name}: {text}")

    folder = organism.make(Scene(out, organism.name, seed, named, scale))
    wanted = out / organism.name / "final"
    if folder != wanted:
        shutil.copytree(folder, wanted, dirs_exist_ok=True)


def minutes(out: Path) -> dict[str, float]:
    """Minutes that each organism took."""
    file = out / MINUTES
    return dict(json.loads(file.read_text())) if file.is_file() else {}


def _note(out: Path, name: str, took: float) -> None:
    held = {**minutes(out), name: round(took, 2)}
    (out / MINUTES).write_text(json.dumps(held, indent=1) + "\n")


def main(
    out: Annotated[Path, typer.Option(help="The folder of the runs.")],
    only: Annotated[list[str] | None, typer.Option(help="Organisms to make; else all.")] = None,
    seed: int = 0,
    scale: Annotated[float, typer.Option(help="Share of all steps, to try recipes out.")] = 1.0,
    shipped: Annotated[Path | None, typer.Option(help="Where to write what is shipped.")] = None,
    cards: Annotated[bool, typer.Option(help="Measure them on held-out problems.")] = True,
) -> None:
    """Rebuild the family. Example: python -m reasonscope.organisms.build --out runs"""
    build(out, names=only or (), seed=seed, scale=scale, told=_say)
    if cards:
        for organism in FAMILY:
            if organism.name in minutes(out):
                write_card(out, organism, told=_say)
    if shipped is not None:
        _say(f"the shipped family takes {ship(out, shipped):,} bytes")


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    typer.run(main)
