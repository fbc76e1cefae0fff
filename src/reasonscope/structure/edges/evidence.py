"""Which earlier steps a step uses, and how that is known: bounded for every step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reasonscope.structure.edges import cues
from reasonscope.structure.edges.mentions import Mentions, likeness, rarities, read
from reasonscope.traces.schema import Evidence

FAR = 3
"""Most earlier steps, apart from the one before, that one step is said to use."""
ENOUGH_VALUE = 0.35
"""Least rarity of the values that flow from one step to another."""
ENOUGH_LIKENESS, ENOUGH_BACK = 0.6, 0.3
"""Least likeness of a restatement, and of a step that a step with "earlier" points to."""
LOOKED_UP = 4
"""Rare words of a step that are looked up to find what it restates."""
LEAST_WORD = 0.35
"""Least rarity of a word that is looked up."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One earlier step that a step uses, by evidence that a person can check."""

    uses: int
    evidence: Evidence
    strength: float
    """Rarity of the values that flow, or likeness; 1 for a step that is named."""
    reason: str
    """Why, with ``{}`` where the number of the earlier step stands."""


@dataclass(slots=True)
class Index:
    """Where values, words and symbols were last mentioned; one entry each."""

    made: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    latest: dict[str, int] = field(default_factory=dict)
    defined: dict[str, int] = field(default_factory=dict)
    numbered: dict[str, int] = field(default_factory=dict)

    def add(self, j: int, said: Mentions, text: str) -> None:
        """Note what step ``j`` mentions."""
        for one in said.values:
            self.first.setdefault(one, j)
        for one in said.words:
            self.latest[one] = j
        for one in said.made:
            self.made[one] = j
        for one in said.defined:
            self.defined[one] = j
        if number := cues.numbered_start(text):
            self.numbered[number] = j

    def source(self, value: str) -> int | None:
        """The latest step that computes a value, else the first that mentions it."""
        return self.made.get(value, self.first.get(value))


def clues(texts: Sequence[str], earlier: Sequence[str] | None = None) -> Iterator[list[Clue]]:
    """For each step the earlier ones that it uses by evidence, the strongest first.

    Order alone is no evidence here. Work per step is bounded: one look-up a value, symbol and
    reference, and ``LOOKED_UP`` words.

    Args:
        texts: the steps.
        earlier: what stands before step ``j`` are its first ``j`` entries; default: the steps
            themselves. The control passes those of another trace.
    """
    told = [read(text) for text in texts]
    before = told if earlier is None else [read(text) for text in earlier]
    rarity = rarities(told if earlier is None else [*told, *before])
    index = Index()
    for j, (said, text) in enumerate(zip(told, texts)):
        found = _of_step(j, said, before, text, rarity, index) if j else []
        yield found
        index.add(j, before[j], text if earlier is None else earlier[j])


def _of_step(
    j: int,
    said: Mentions,
    before: Sequence[Mentions],
    text: str,
    rarity: dict[str, float],
    index: Index,
) -> list[Clue]:
    best: dict[int, Clue] = {}
    for clue in (
        *_named(text, index),
        *_values(said, rarity, index),
        *_symbols(said, index),
        *_restated(said, before, text, rarity, index),
    ):
        known = best.get(clue.uses)
        if known is None or clue.strength > known.strength:
            best[clue.uses] = clue
    near = best.pop(j - 1, None)
    far = sorted(best.values(), key=lambda clue: (-clue.strength, -clue.uses))[:FAR]
    return far if near is None else [near, *far]


def _named(text: str, index: Index) -> Iterator[Clue]:
    for words, number in cues.numbered(text):
        if number in index.numbered:
            yield Clue(
                index.numbered[number], "reference", 1.0, f'names "{words}", which step {{}} is'
            )


def _values(said: Mentions, rarity: dict[str, float], index: Index) -> Iterator[Clue]:
    flows: dict[int, list[str]] = {}
    for value in said.values:
        source = None if value in said.results else index.source(value)
        if source is not None:
            flows.setdefault(source, []).append(value)
    for source, values in flows.items():
        strength = sum(rarity[value] for value in values)
        if strength >= ENOUGH_VALUE:
            most = max(values, key=lambda value: rarity[value])
            does = "computes" if index.made.get(most) == source else "states"
            yield Clue(
                source, "value", min(strength, 1.0), f"uses {most[:40]}, which step {{}} {does}"
            )


def _symbols(said: Mentions, index: Index) -> Iterator[Clue]:
    for name in sorted(said.symbols - said.defined):
        if name in index.defined:
            yield Clue(index.defined[name], "name", 0.4, f"uses {name}, which step {{}} defines")


def _restated(
    said: Mentions, before: Sequence[Mentions], text: str, rarity: dict[str, float], index: Index
) -> Iterator[Clue]:
    rare = sorted((w for w in said.words if rarity[w] >= LEAST_WORD), key=lambda w: (-rarity[w], w))
    held: dict[int, str] = {}
    for word in rare:
        if word in index.latest:
            held.setdefault(index.latest[word], word)
            if len(held) == LOOKED_UP:
                break
    for i, word in held.items():
        alike = likeness(said, before[i], rarity)
        if alike >= ENOUGH_LIKENESS:
            yield Clue(i, "restatement", alike, f'says again what step {{}} says, such as "{word}"')
        elif alike >= ENOUGH_BACK and (back := cues.points_back(text)):
            yield Clue(i, "reference", alike, f'says "{back}" and shares "{word}" with step {{}}')
