"""Print edges that reach further back than the step before, with both steps, to be read.

python benchmarks/sample_edges.py STUDY [COUNT] [SEED]
"""

import random
import sys

from reasonscope.structure.edges.finding import edges_of
from reasonscope.traces.store import Study


def main() -> None:
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    rows = [
        (case.steps[edge.uses].text, case.steps[edge.step_index].text, edge)
        for place, case in enumerate(Study.open(sys.argv[1]).all_cases())
        if place % 7 == 0
        for edge in edges_of(case)
        if edge.uses < edge.step_index - 1
    ]
    random.seed(int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    for used, text, edge in random.sample(rows, min(count, len(rows))):
        print(f"step {edge.step_index + 1}, {edge.evidence}: {edge.reason}")
        print(f"  used: {used[:200]!r}\n  step: {text[:200]!r}")


if __name__ == "__main__":
    main()
