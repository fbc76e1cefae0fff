"""How well the published sentence-to-sentence importances tell the labelled dependences (M5).

    python benchmarks/step_matrix.py DATA/thought-anchors

For each trace of the folder: ``step_importance.json`` against the edges of ``depends_on``, over all
pairs i < j. Dependences are mostly on near steps, so beside it stand the nearness of two steps
alone, and the importances compared among pairs of a trace at the same distance, with a control in
which the labels are shuffled among these. Areas are clustered by problem.
"""

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from scipy.stats import rankdata

from reasonscope.stats import Estimate, auroc, ratio_by_cluster

SHUFFLES = 20
"""Times that the labels are shuffled for the control."""


class Pair(NamedTuple):
    """Two steps of a trace."""

    problem: str
    trace: str
    distance: int
    score: float
    edge: bool


def read(file: Path) -> Any:
    held = file.read_bytes()
    return json.loads(gzip.decompress(held) if file.suffix == ".gz" else held)


def pairs(folder: Path) -> Iterator[Pair]:
    chunks = read(next(folder.glob("chunks_labeled.json*")))
    edges = {
        (int(source), chunk["chunk_idx"])
        for chunk in chunks
        for source in chunk.get("depends_on") or []
        if str(source).isdigit()
    }
    for row in read(next(folder.glob("step_importance.json*"))):
        i = row["source_chunk_idx"]
        for target in row["target_impacts"]:
            j, score = target["target_chunk_idx"], target["importance_score"]
            if j > i and score is not None:
                yield Pair(folder.name, str(folder), j - i, float(score), (i, j) in edges)


def groups(held: list[Pair]) -> list[list[int]]:
    """Places of the pairs of each trace at each distance."""
    found: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place, one in enumerate(held):
        found[one.trace, one.distance].append(place)
    return list(found.values())


def within(held: list[Pair], dice: Random | None = None) -> Estimate:
    """How often an edge scores above another pair of the same trace at the same distance.

    The sum of such comparisons over their number, by problem; shuffled where dice are given.
    """
    above, compared, problems = [], [], []
    for places in groups(held):
        labels = [held[place].edge for place in places]
        if dice is not None:
            dice.shuffle(labels)
        edges = sum(labels)
        ranks = rankdata([held[place].score for place in places])
        total = sum(rank for rank, edge in zip(ranks, labels, strict=True) if edge)
        above.append(float(total - edges * (edges + 1) / 2))
        compared.append(edges * (len(places) - edges))
        problems.append(held[places[0]].problem)
    return ratio_by_cluster(above, compared, problems)


def said(name: str, found: Estimate) -> str:
    return f"| {name} | {found.value:.3f} | {found.low:.3f} to {found.high:.3f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    folders = sorted(
        {one.parent for one in parser.parse_args().data.rglob("step_importance.json*")}
    )
    held = [pair for folder in folders for pair in pairs(folder)]
    labels, clusters = [one.edge for one in held], [one.problem for one in held]
    print(f"{len(folders)} traces, {len(held):,} pairs, {sum(labels):,} labelled dependences\n")
    print("| score | area | 95 % |\n|---|---|---|")
    scores, near = [one.score for one in held], [-float(one.distance) for one in held]
    print(said("published importance", auroc(scores, labels, clusters)))
    print(said("nearness of the two steps alone", auroc(near, labels, clusters)))
    print(said("published, among pairs at the same distance", within(held)))
    dice = Random(0)
    mixed = sorted(within(held, dice).value or 0.0 for _ in range(SHUFFLES))
    mean = sum(mixed) / SHUFFLES
    print(f"| control: {SHUFFLES} shuffles | {mean:.3f} | {mixed[0]:.3f} to {mixed[-1]:.3f}, all |")
    first = [one.edge for one in held if one.distance == 1]
    print(f"\n{sum(first):,} of {len(first):,} pairs of neighbours are labelled dependences")


if __name__ == "__main__":
    main()
