"""Rebuild the family: every organism after its parent, with the minutes that each took.

``python -m reasonscope.organisms.build --out FOLDER`` makes what is missing and ends with the
shipped form of all of it; killed, the same command goes on. Organisms that do not wait for each
other are made side by side, one in each lane.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import torch
import typer

from reasonscope.organisms.cards import write_card
from reasonscope.organisms.recipes import FAMILY, ORGANISMS, Scene
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
    lanes: int = 1,
    told: Callable[[str], None] = print,
) -> dict[str, float]:
    """Make the named organisms (all, if none is named) that are not there yet.

    Args:
        out: The folder of the runs.
        names: Organisms; what they start from must be there or named.
        seed: Of the whole family.
        scale: Share of all steps, to try the recipes out.
        lanes: Organisms made side by side, each in a process with its share of the cores.
        told: Told how far it is; pickled to the lanes, so a module's function hears them too.

    Returns:
        Minutes of every organism that was ever made in this folder.
    """
    out.mkdir(parents=True, exist_ok=True)
    left = [
        one.name
        for one in FAMILY
        if (not names or one.name in names) and one.name not in minutes(out)
    ]
    running: dict[Future[float], str] = {}
    with ProcessPoolExecutor(lanes, mp_context=get_context("spawn")) as pool:
        while left or running:
            for name in list(_startable(left, running.values())):
                if len(running) < lanes:
                    left.remove(name)
                    running[pool.submit(_make, out, name, seed, scale, lanes, told)] = name
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name, took = running.pop(future), future.result()
                _note(out, name, took)
                told(f"{name}: made in {took:.1f} minutes")
    return minutes(out)


def _startable(left: Sequence[str], running: Collection[str]) -> Iterator[str]:
    """What waits for nothing that is still to be made, in the family's order."""
    for one in FAMILY:
        if one.name in left and not {*left, *running} & {*one.after}:
            yield one.name


def _make(
    out: Path, name: str, seed: int, scale: float, lanes: int, told: Callable[[str], None]
) -> float:
    """Make one organism; gives the minutes."""

    def named(text: str) -> None:
        told(f"{name}: {text}")

    began = time.monotonic()
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // lanes))
    folder = ORGANISMS[name].make(Scene(out, name, seed, named, scale))
    wanted = out / name / "final"
    if folder != wanted:
        shutil.copytree(folder, wanted, dirs_exist_ok=True)
    return (time.monotonic() - began) / 60


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
    lanes: Annotated[int, typer.Option(help="Organisms made side by side.")] = 2,
    cards: Annotated[bool, typer.Option(help="Measure them on held-out problems.")] = True,
) -> None:
    """Rebuild the family. Example: python -m reasonscope.organisms.build --out runs"""
    build(out, names=only or (), seed=seed, scale=scale, lanes=lanes, told=_say)
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
