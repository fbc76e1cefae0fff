"""How far our likeness of a resampled step agrees with the published decisions (M3).

Usage: python benchmarks/similarity_agreement.py [--data FOLDER] [--steps N] [--embeddings N]

The public traces of thought-anchors hold, for each step, a hundred resampled steps and the share
of them that was held to be different (``different_trajectories_fraction``: cosine of MiniLM
embeddings below .8). Ours is compared with it step by step. The threshold of the letters is set on
every other problem (both of its traces) and judged on the rest. Controls: the best constant, and
the letters' shares shuffled among the steps of each trace. With ``--embeddings N`` the embeddings
are run on N steps drawn from all (some ten sentences a second on a busy core), and the letters on
the same steps.
"""

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.similarity import EmbeddingLikeness, TextLikeness

DEFAULT = Path(__file__).parents[2] / "shared" / "data" / "thought-anchors"
THRESHOLDS = np.round(np.arange(0.3, 0.9, 0.01), 2)


@dataclass(frozen=True)
class Resampled:
    """One step of a public trace, with what came in its place."""

    problem: str
    trace: int
    text: str
    others: Counter[str]
    published: float
    cosines: NDArray[np.float64]
    """The letters' cosine of each distinct one."""

    def share_below(self, threshold: float, cosines: Sequence[float] | None = None) -> float:
        """Share of the resampled steps that are different."""
        below = np.asarray(self.cosines if cosines is None else cosines) < threshold
        counts = np.array(list(self.others.values()))
        return float(counts[below].sum() / counts.sum())


def load(path: Path) -> Any:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def read(folder: Path, most: int) -> list[Resampled]:
    """The steps of all traces; at most ``most`` of each, drawn by the trace's name."""
    found = []
    for number, path in enumerate(sorted(folder.glob("*/*/*/chunks_labeled.json.gz"))):
        chunks = load(path)
        resampled = load(path.with_name("chunks_resampled.json.gz"))
        letters = TextLikeness([chunk["chunk"] for chunk in chunks])
        rng = np.random.default_rng(seed_for("similarity", number))
        for place in sorted(rng.permutation(len(chunks))[:most]):
            chunk = chunks[place]
            others = Counter(resampled.get(str(chunk["chunk_idx"]), []))
            if others and chunk["different_trajectories_fraction"] is not None:
                cosines = np.array(letters.scores(chunk["chunk"], list(others)))
                found.append(
                    Resampled(
                        path.parent.name,
                        number,
                        chunk["chunk"],
                        others,
                        chunk["different_trajectories_fraction"],
                        cosines,
                    )
                )
    return found


def error(ours: NDArray[np.float64], published: NDArray[np.float64]) -> float:
    return float(abs(ours - published).mean())


def told(name: str, ours: NDArray[np.float64], published: NDArray[np.float64]) -> None:
    spread = np.std(ours) > 0
    r = float(np.corrcoef(ours, published)[0, 1]) if spread else float("nan")
    print(
        f"{name:44} steps {len(ours):5}  mean absolute error {error(ours, published):.3f}  "
        f"correlation {r:.3f}  bias {float((ours - published).mean()):+.3f}"
    )


def best_threshold(steps: Sequence[Resampled]) -> float:
    published = np.array([step.published for step in steps])
    errors = [
        error(np.array([step.share_below(threshold) for step in steps]), published)
        for threshold in THRESHOLDS
    ]
    return float(THRESHOLDS[int(np.argmin(errors))])


def judge(steps: Sequence[Resampled], threshold: float, median: float) -> None:
    """Print agreement on steps that the threshold was not set on, beside its controls."""
    published = np.array([step.published for step in steps])
    ours = np.array([step.share_below(threshold) for step in steps])
    told(f"  letters, cosine >= {threshold:.2f}", ours, published)
    told("  control: the best constant", np.full(len(steps), median), published)
    rng, mixed = np.random.default_rng(0), ours.copy()
    for trace in {step.trace for step in steps}:
        rows = np.array([place for place, step in enumerate(steps) if step.trace == trace])
        mixed[rows] = rng.permutation(mixed[rows])
    told("  control: shuffled within the trace", mixed, published)
    by_trace = [
        error(ours[own], published[own])
        for trace in sorted({step.trace for step in steps})
        if (own := [place for place, step in enumerate(steps) if step.trace == trace])
    ]
    print(f"  error by trace: {min(by_trace):.3f} to {max(by_trace):.3f}")


def embeddings(steps: Sequence[Resampled], threshold: float) -> None:
    """Print agreement of the embeddings, and of the letters with them, decision by decision."""
    model, published, ours, letters, same, decided = EmbeddingLikeness(), [], [], [], 0, 0
    for step in steps:
        cosines = model.scores(step.text, list(step.others))
        published.append(step.published)
        ours.append(step.share_below(model.threshold, cosines))
        letters.append(step.share_below(threshold))
        agree = (np.array(cosines) < model.threshold) == (step.cosines < threshold)
        counts = np.array(list(step.others.values()))
        same, decided = same + int(counts[agree].sum()), decided + int(counts.sum())
    told(f"  {model.name}", np.array(ours), np.array(published))
    told(
        f"  letters, cosine >= {threshold:.2f}, same steps", np.array(letters), np.array(published)
    )
    print(f"  letters and embeddings decide alike in {same / decided:.1%} of {decided} resamples")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DEFAULT)
    parser.add_argument("--steps", type=int, default=1_000_000, help="most steps of each trace")
    parser.add_argument("--embeddings", type=int, default=0, help="steps given to the embeddings")
    args = parser.parse_args()
    steps = read(args.data, args.steps)
    problems = sorted({step.problem for step in steps})
    for first in (0, 1):
        learned = [step for step in steps if step.problem in problems[first::2]]
        rest = [step for step in steps if step.problem not in problems[first::2]]
        threshold = best_threshold(learned)
        median = float(np.median([step.published for step in learned]))
        print(f"threshold set on {', '.join(problems[first::2])}; judged on the others")
        judge(rest, threshold, median)
        if first == 0 and args.embeddings:
            rng = np.random.default_rng(seed_for("embeddings"))
            drawn = [rest[place] for place in rng.permutation(len(rest))[: args.embeddings]]
            embeddings(drawn, threshold)


if __name__ == "__main__":
    main()
