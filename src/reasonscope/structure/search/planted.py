"""A search program that tells its tree and walk in prose, and knows both."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from random import Random

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import effect, rate
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, mean_by_cluster
from reasonscope.structure.search.measures import Measures, measures
from reasonscope.structure.search.rows import Search, examine
from reasonscope.structure.search.sums import Operation
from reasonscope.structure.search.walks import Arrow, Category, Node, Walk
from reasonscope.traces.schema import Case, Problem, Step, Trace

BANK = 120
"""Searches of each kind that are really examined; simulated studies draw from them."""
PROBLEMS, SAMPLES = 60, 3
SHARE = (3.0, 3.0)
"""Beta law of a problem's share of searches that try neighbours one after another."""

_FIRST = ("Try {sum}.", "First {sum}.", "Let me take {sum}.", "{sum}, perhaps.")
_NEXT = ("Then {sum}.", "With that {sum}.", "Now {sum}.")
_HIT = ("That is {target}.", "There it is.")
_MISS = ("That is not {target}.", "Not what is wanted.", "This misses {target}.")
_BACK = ("Back to {left}.", "Let me go back to {left}.", "So back to {left}.")
_CHECK = ("Let me double-check:", "I verify this:")


@dataclass(frozen=True, slots=True)
class Planted:
    """A trace with the walk that it tells."""

    case: Case
    walk: Walk
    target: int


class _Teller:
    """Writes a search down and keeps its tree and walk."""

    def __init__(self, rng: Random, numbers: Sequence[int], target: int) -> None:
        self.rng = rng
        self.target = target
        self.texts = [f"We have {', '.join(map(str, numbers))} and want {target}.\n"]
        self.walk = Walk([Node(None, tuple(sorted(map(Fraction, numbers))), None)])

    def say(self, forms: Sequence[str], **fields: object) -> None:
        """Write a sentence of a form."""
        self.texts.append(self.rng.choice(forms).format(target=self.target, **fields) + "\n")

    def arrow(self, end: int, category: Category) -> None:
        """Keep a move of the walk, made in the last sentence."""
        self.walk.arrows.append(Arrow(self.walk.here, end, category, len(self.texts) - 1))

    def go(self, path: Sequence[int], operations: dict[int, Operation]) -> None:
        """Go from where the walk is to a leaf, by way of the nearest node on its path."""
        here = _up(self.walk, self.walk.here)
        start = max((at for at in [0, *path] if at in here), key=lambda at: _depth(self.walk, at))
        if start != self.walk.here:
            left = sorted(self.walk.nodes[start].left)
            self.say(_BACK, left=", ".join(map(str, left)))
            self.arrow(start, "backtracking")
        for number, place in enumerate(p for p in path if p not in _up(self.walk, start)):
            said = _written(operations[place])
            self.say(_NEXT if number else _FIRST, sum=said)
            self.arrow(place, "calculation")
        reached = self.walk.nodes[self.walk.here].result
        self.say(_HIT if reached == self.target else _MISS)

    def check(self, path: Sequence[int], operations: dict[int, Operation]) -> None:
        """Do the operations of the current leaf again, to check them."""
        said = ", ".join(_written(operations[place]) for place in path)
        self.texts.append(f"{self.rng.choice(_CHECK)} {said}.\n")
        for place in (0, *path):
            self.arrow(place, "verification")


def _up(walk: Walk, place: int) -> set[int]:
    found = set()
    step: int | None = place
    while step is not None:
        found.add(step)
        step = walk.nodes[step].parent
    return found


def _depth(walk: Walk, place: int) -> int:
    return len(_up(walk, place))


def _written(one: Operation) -> str:
    return f"{one.left} {one.sign} {one.right} = {one.result}"


def planted_search(seed: int, neighbours: bool) -> Planted:
    """A search over four numbers that tries some solutions, perhaps finds the target, and checks.

    Args:
        seed: of the search.
        neighbours: solutions are tried in the tree's order; otherwise in random order.
    """
    rng = Random(seed_for("planted search", seed, neighbours))
    numbers = rng.sample([3, 5, 11, 17, 23, 41, 59], 4)
    leaves, nodes, operations = _tree(rng, numbers)
    goal = rng.choice(leaves) if rng.random() < 0.7 else None
    target = int(nodes[goal].result or 0) if goal is not None else 9_999
    teller = _Teller(rng, numbers, target)
    order = leaves if neighbours else rng.sample(leaves, len(leaves))
    names = _renumbered(nodes, order)
    teller.walk.nodes[:] = [nodes[old] for old in names]
    new = {old: at for at, old in enumerate(names)}
    for at, node in enumerate(teller.walk.nodes):
        node.parent = None if node.parent is None else new[node.parent]
        node.children = {key: new[child] for key, child in node.children.items()}
        assert at or node.parent is None
    told = {new[old]: one for old, one in operations.items()}
    for leaf in order:
        path = sorted(_up(teller.walk, new[leaf]) - {0}, key=lambda at: _depth(teller.walk, at))
        teller.go(path, told)
        if rng.random() < 0.3:
            teller.check(path, told)
    return Planted(_case(seed, numbers, target, teller.texts), teller.walk, target)


def _renumbered(nodes: Sequence[Node], order: Sequence[int]) -> list[int]:
    """The nodes in the order in which the walk makes them."""
    names = [0]
    for leaf in order:
        path = []
        step: int | None = leaf
        while step is not None:
            path.append(step)
            step = nodes[step].parent
        names += [place for place in reversed(path) if place not in names]
    return names


def _tree(
    rng: Random, numbers: Sequence[int]
) -> tuple[list[int], list[Node], dict[int, Operation]]:
    """A tree with two to three ways at each of two levels; no two results are alike."""
    nodes = [Node(None, tuple(sorted(map(Fraction, numbers))), None)]
    operations: dict[int, Operation] = {}
    used = set(nodes[0].left)
    leaves, open_nodes = [], [(0, 0)]
    while open_nodes:
        place, depth = open_nodes.pop(0)
        if depth == 2:
            leaves.append(place)
            continue
        for _ in range(rng.randint(2, 3)):
            one = _fresh(rng, nodes[place].left, used)
            used.add(one.result)
            left = list(nodes[place].left)
            left.remove(one.left)
            left.remove(one.right)
            nodes[place].children[one.key] = len(nodes)
            operations[len(nodes)] = one
            open_nodes.append((len(nodes), depth + 1))
            nodes.append(Node(place, tuple(sorted([*left, one.result])), one.result))
    return _in_order(nodes, leaves), nodes, operations


def _in_order(nodes: Sequence[Node], leaves: Sequence[int]) -> list[int]:
    """The leaves from left to right."""
    found, waiting = [], [0]
    while waiting:
        place = waiting.pop()
        if place in leaves:
            found.append(place)
        waiting += reversed(list(nodes[place].children.values()))
    return found


def _fresh(rng: Random, left: Sequence[Fraction], used: set[Fraction]) -> Operation:
    """An operation on two of the numbers whose result was not seen yet."""
    while True:
        a, b = rng.sample(list(left), 2)
        sign = rng.choice("+-*")
        result = {"+": a + b, "-": a - b, "*": a * b}[sign]
        if result > 0 and result not in used:
            return Operation(a, sign, b, result)


def _case(seed: int, numbers: Sequence[int], target: int, texts: Sequence[str]) -> Case:
    problem = Problem.make(
        f"Use the numbers {', '.join(map(str, numbers))} to make {target} ({seed}).",
        family="countdown",
        extra={"numbers": list(numbers), "target": target},
    )
    trace = Trace.make(problem, "".join(texts), model="planted")
    steps, place = [], 0
    for index, text in enumerate(texts):
        end = place + len(text)
        steps.append(
            Step(trace_id=trace.trace_id, index=index, char_start=place, char_end=end, text=text)
        )
        place = end
    return Case(problem, trace, tuple(steps))


def told(made: Planted) -> Measures:
    """The measures of the walk that was planted."""
    found = measures(made.walk, made.target)
    assert found is not None, "a planted search has arrows"
    return found


def exact(made: Planted) -> bool:
    """Whether tree, walk and all six measures were read as planted."""
    row, wanted = examine(made.case)[0], told(made)
    six = (
        row.solutions,
        row.jump_distance,
        row.success_share,
        row.verification_share,
        row.overthinking_share,
        row.forgetting,
    )
    arrows = made.walk.arrows
    return (
        row.parents == tuple(node.parent for node in made.walk.nodes[1:])
        and row.walk_ends == tuple(one.end for one in arrows)
        and row.walk_categories == tuple(one.category for one in arrows)
        and six
        == (
            wanted.solutions,
            wanted.jump_distance,
            wanted.success,
            wanted.verification,
            wanted.overthinking,
            wanted.forgetting,
        )
    )


def no_search(seed: int) -> Search:
    """The row of a trace on the same kind of problem that only talks."""
    made = planted_search(seed, neighbours=True)
    case = made.case
    text = "There are 12 boxes, and 3 + 4 = 7 of them are red.\nI cannot find a way.\n"
    trace = Trace.make(case.problem, text, model="planted")
    step = Step(trace_id=trace.trace_id, index=0, char_start=0, char_end=len(text), text=text)
    return examine(Case(case.problem, trace, (step,)))[0]


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Trees and walks read exactly, and the interval of the distance beyond chance."""
    return [_read(seed, n), _near(seed, n)]


def _read(seed: int, n: int) -> Calibration:
    seeds = [seed_for("read", seed, index) for index in range(n)]
    return Calibration(
        instrument="search",
        plant="a search told in prose: tree, walk and six measures exact; null: talk of numbers",
        power=rate([exact(planted_search(one, one % 2 == 0)) for one in seeds]),
        false_positive=rate([no_search(one).solutions is not None for one in seeds]),
        note="real prose lists the numbers that are left less often",
    )


@cache
def _bank(neighbours: bool) -> np.ndarray:
    """Distance beyond chance of examined searches."""
    rows = [examine(planted_search(seed, neighbours).case)[0] for seed in range(BANK)]
    return np.array([(row.jump_distance or 0.0) - (row.chance_distance or 0.0) for row in rows])


def _study(seed: int, planted: bool) -> Estimate:
    rng = np.random.default_rng(seed)
    own = (
        np.repeat(rng.beta(*SHARE, PROBLEMS), SAMPLES) if planted else np.zeros(PROBLEMS * SAMPLES)
    )
    near = rng.random(len(own)) < own
    picks = rng.integers(0, BANK, len(own))
    values = np.where(near, _bank(True)[picks], _bank(False)[picks])
    return mean_by_cluster(values, np.repeat(np.arange(PROBLEMS), SAMPLES))


def _near(seed: int, n: int) -> Calibration:
    share, empty = SHARE[0] / sum(SHARE), float(_bank(False).mean())
    return effect(
        "search",
        "half of the searches try neighbours one after another; null: random order",
        lambda one: _study(one, True),
        lambda one: _study(one, False),
        truth=share * float(_bank(True).mean()) + (1 - share) * empty,
        nothing=empty,
        seed=seed,
        n=n,
        note=f"{PROBLEMS} problems with {SAMPLES} searches each; nothing is the null bank's mean",
    )
