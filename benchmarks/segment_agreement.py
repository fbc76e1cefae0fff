"""How far our step borders agree with those of the published thought-anchors segmentation.

Usage: python benchmarks/segment_agreement.py [FOLDER]   (default: ../shared/data/thought-anchors)

Borders are compared as counts of characters that are not white space, since the published
chunks drop white space and join short sentences with a blank. Only the part of the reasoning
that the published chunks cover is compared: they leave out the last sentence.
"""

import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

from reasonscope.traces.segment import split_output, step_ends

DEFAULT = Path(__file__).parents[2] / "shared" / "data" / "thought-anchors"


def solid(text: str) -> int:
    """How many characters are not white space."""
    return sum(map(len, text.split()))


def borders(pieces: Sequence[str]) -> set[int]:
    return set(accumulate(map(solid, pieces)))


def load(path: Path) -> object:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def compared(folder: Path) -> Iterator[tuple[set[int], set[int], set[int]]]:
    """Per trace: our borders, the published ones, and those of blank lines alone (control)."""
    for path in sorted(folder.glob("*/*/*/chunks_labeled.json.gz")):
        base = load(path.with_name("base_solution.json.gz"))
        published = borders([chunk["chunk"] for chunk in load(path)])
        reasoning = split_output(base["solution"], base["prompt"]).reasoning
        ends = (0, *step_ends(reasoning))
        ours = borders([reasoning[a:b] for a, b in pairwise(ends)])
        blank = borders(reasoning.split("\n\n"))
        last = max(published)
        yield tuple({b for b in found if b < last} for found in (ours, published, blank))


def scores(pairs: list[tuple[set[int], set[int]]]) -> dict[str, float | int]:
    hits = sum(len(found & truth) for found, truth in pairs)
    found, truth = (sum(len(pair[i]) for pair in pairs) for i in (0, 1))
    precision, recall = hits / found, hits / truth
    return {
        "found": found,
        "published": truth,
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / (precision + recall), 4),
    }


def main(folder: Path) -> None:
    if not folder.is_dir():
        sys.exit(f"no such folder: {folder}. Pass the folder of the thought-anchors data.")
    start = time.process_time()
    rows = list(compared(folder))
    result = {
        "traces": len(rows),
        "ours": scores([(ours, published) for ours, published, _ in rows]),
        "blank_lines_only": scores([(blank, published) for _, published, blank in rows]),
        "seconds": round(time.process_time() - start, 2),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
