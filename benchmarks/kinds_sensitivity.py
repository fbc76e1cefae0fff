"""How the measures of the walk move with how fine the kinds of steps are.

    python benchmarks/kinds_sensitivity.py STUDY [TRACES]

Prints, for several least cosines, each measure's mean over traces and, in brackets, that of the
same steps in shuffled order.
"""

import sys
from itertools import islice

from reasonscope.structure.graph.examining import MEASURES, mean, shuffled_walks
from reasonscope.structure.graph.kinds import kinds_of
from reasonscope.structure.graph.walk import measure_walk
from reasonscope.traces.store import Study


def main() -> None:
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    cases = list(islice(Study.open(sys.argv[1]).all_cases(), most))
    for alike in (0.3, 0.4, 0.5, 0.6):
        walked = [
            (kinds_of([step.text for step in case.steps], alike), case.trace.trace_id)
            for case in cases
        ]
        own = [measure_walk(kinds) for kinds, _ in walked]
        mixed = [walk for kinds, name in walked for walk in shuffled_walks(kinds, name)]
        said = [f"kinds {mean(walk.nodes for walk in own):.1f}"]
        for name in MEASURES:
            one, other = (mean(getattr(walk, name) for walk in held) for held in (own, mixed))
            said.append(f"{name} {one or 0:.3f} ({other or 0:.3f})")
        print(f"{alike}: {'  '.join(said)}")


if __name__ == "__main__":
    main()
