"""Do the suppression matrix and receiver heads show what a relay's steps really use?

    python benchmarks/suppression_edges.py [--traces 40] [--model organism:sft-rl]

Problem family relay has exact steps: each equation uses the pass before it and the last amount,
each pass the name that the last pass ended with. Traces that are exactly these steps are kept.
"""

import argparse
import itertools

import numpy as np

from reasonscope.models.decoding import TorchEngine
from reasonscope.models.generation import Sampling, sample_traces
from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.models.suppression import Suppression, suppress
from reasonscope.models.trace_tokens import trace_tokens
from reasonscope.problems.procedural import relay
from reasonscope.stats import auroc
from reasonscope.structure.receivers.scoring import receiver_scores
from reasonscope.structure.suppression.matrix import doubly_centred
from reasonscope.structure.suppression.reading import suppression_matrix
from reasonscope.traces.schema import Case, Problem, Reading
from reasonscope.traces.segment.steps import steps_of


def edges(problem: Problem, offset: int) -> set[tuple[int, int]]:
    """(used, user) among the problem's own steps: start, then pass and equation by turns, end."""
    last = len(problem.steps) - 1
    found = {(0, 1), (0, 2), (last - 2, last), (last - 1, last)}
    for first in range(1, last, 2):
        found.add((first, first + 1))
        if first + 3 < last + 1 and first + 2 < last:
            found |= {(first, first + 2), (first + 1, first + 3)}
    return {(a + offset, b + offset) for a, b in found}


def cases(loaded: LoadedModel, count: int) -> tuple[list[Case], list[int]]:
    problems = [relay.make(7, i, hops=6, distractors=2) for i in range(count)]
    kept, offsets = [], []
    rows = sample_traces(TorchEngine(loaded), problems, 1, Sampling(temperature=0, max_tokens=250))
    for row in rows:
        assert isinstance(row, Reading), row
        case = Case(row.problem, row.trace, steps_of(row.trace))
        said = [step.text.strip() for step in case.steps]
        offset = len(said) - len(row.problem.steps)
        if 0 <= offset <= 1 and tuple(said[offset:]) == row.problem.steps:
            kept.append(case)
            offsets.append(offset)
    return kept, offsets


def published(loaded: LoadedModel, case: Case) -> np.ndarray:
    """Mean over positions of log(KL + 1e-9), less row means, then column means."""
    tokens = trace_tokens(loaded, case)
    asked = [Suppression(hidden=s.positions, border=s.end) for s in tokens.steps]
    effects = suppress(loaded, tokens.ids, asked, temperature=0.6).nats
    out = np.full((len(tokens.steps),) * 2, np.nan)
    for (i, nats), (j, target) in itertools.product(enumerate(effects), enumerate(tokens.steps)):
        if j > i:
            out[i, j] = np.log(nats[target.start + 1 : target.end + 1] + 1e-9).mean()
    with np.errstate(all="ignore"):
        rows = np.array(
            [row[np.isfinite(row)].mean() if np.isfinite(row).any() else 0 for row in out]
        )
        out = out - rows[:, None]
        return out - np.array(
            [c[np.isfinite(c)].mean() if np.isfinite(c).any() else 0 for c in out.T]
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--traces", type=int, default=40)
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--model", default="organism:sft-rl")
    args = parser.parse_args()
    loaded = load_model(args.model)
    held, offsets = cases(loaded, args.traces)
    print(f"{len(held)} of {args.traces} traces are exactly their problem's steps")
    found: dict[str, list[float]] = {}
    truth, trace_of, apart = [], [], []
    for number, (case, offset) in enumerate(zip(held, offsets, strict=True)):
        matrix = suppression_matrix(loaded, case, draws=args.draws)
        steps, used = len(case.steps), edges(case.problem, offset)
        centred = doubly_centred(np.log(matrix.nats[:, :steps] + 1e-4))
        scores = {
            "mean nats": matrix.nats,
            "doubly centred log of mean nats": centred,
            "excess over control (where there is one)": matrix.excess,
            "published (mean log(KL + 1e-9), row and column means)": published(loaded, case),
            "nearness alone": -np.abs(np.subtract.outer(np.arange(steps), np.arange(steps))),
        }
        for a, b in itertools.combinations(range(offset, steps), 2):
            truth.append((a, b) in used)
            trace_of.append(number)
            apart.append(b - a)
            for name, values in scores.items():
                found.setdefault(name, []).append(float(values[a, b]))
    yes, where, distance = np.array(truth), np.array(trace_of), np.array(apart)
    for name, values in found.items():
        score = np.array(values)
        for label, among in (("all pairs", distance > 0), ("neighbours", distance == 1)):
            kept = among & np.isfinite(score)
            area = auroc(score[kept], yes[kept], where[kept])
            print(
                f"{name:55} {label:10} AUC {area.value:.3f} [{area.low:.3f}, {area.high:.3f}] "
                f"n {kept.sum()}, edges {yes[kept].sum()}"
            )
    told = receiver_scores(loaded, held)
    print(
        f"receivers: reliability {told.reliability.value:.2f}, "
        f"shuffled {told.reliability_control.value:.2f}, too short {told.too_short}"
    )
    for row in told.heads[:5]:
        print(
            f"  layer {row.layer} head {row.head}: rank {row.rank.value:.2f}, excess "
            f"{row.excess.value:+.2f} [{row.excess.low:+.2f}, {row.excess.high:+.2f}], "
            f"q {row.q_value:.3f}"
        )


if __name__ == "__main__":
    main()
