"""Problems with a right chain of steps, and the same chain with one step made wrong.

The plants do not use the solver that they test: orders are found by going through all
permutations, and proofs are chains by construction.
"""

import random
from dataclasses import dataclass
from itertools import pairwise, permutations

from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case, Problem, Step, Trace
from reasonscope.verify.logic.order_claims import Before, Claim, at, true_in
from reasonscope.verify.logic.order_language import NUMBERS, ordinal_word

_COUNT = {number: word for word, number in NUMBERS.items()}


@dataclass(frozen=True, slots=True)
class Planted:
    """A clean case and its twin with one wrong step."""

    clean: Case
    corrupted: Case
    wrong_step: int
    """Index of the one step that was made wrong."""
    how: str
    """What was done to it."""


def case_of(problem: Problem, steps: list[str]) -> Case:
    """A case whose steps are these lines."""
    text = "\n".join(steps)
    trace = Trace.make(problem, text, model="planted")
    made, start = [], 0
    for index, step in enumerate(steps):
        end = start + len(step) + (index < len(steps) - 1)
        made.append(
            Step(
                trace_id=trace.trace_id,
                index=index,
                char_start=start,
                char_end=end,
                text=text[start:end],
            )
        )
        start = end
    return Case(problem, trace, tuple(made))


@dataclass(frozen=True, slots=True)
class _Scene:
    """How one kind of order is told."""

    opening: str
    things: tuple[str, ...]
    noun: str
    header: str
    before: str
    after: str
    place: tuple[str, str, str]
    """First place, k-th place from the start, last place; ``{}`` is the ordinal."""


_SCENES = (
    _Scene(
        "On a branch, there are {} birds: {}.",
        ("an owl", "a crow", "a robin", "a quail", "a hawk", "a blue jay", "a raven"), "bird",
        "from left to right", "is to the left of", "is to the right of",
        ("is the leftmost", "is the {} from the left", "is the rightmost"),
    ),
    _Scene(
        "In an antique car show, there are {} vehicles: {}.",
        ("a bus", "a truck", "a station wagon", "a sedan", "a tractor", "a minivan",
         "a convertible"),
        "vehicle", "from newest to oldest", "is newer than", "is older than",
        ("is the newest", "is the {}-newest", "is the oldest"),
    ),
    _Scene(
        "On a shelf, there are {} books: {}.",
        ("a red book", "a blue book", "an orange book", "a gray book", "a white book",
         "a green book", "a black book"),
        "book", "from left to right", "is to the left of", "is to the right of",
        ("is the leftmost", "is the {} from the left", "is the rightmost"),
    ),
)  # fmt: skip


class _OrderPlant:
    """One planted order problem in the making."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.scene = chance.choice(_SCENES)
        self.size = chance.randint(3, 7)
        self.things = tuple(chance.sample(self.scene.things, self.size))
        order = list(range(self.size))
        chance.shuffle(order)
        self.order = tuple(order)
        self.premises, self.allowed = self._premises()

    def _premises(self) -> tuple[list[Claim], list[list[tuple[int, ...]]]]:
        """True premises that leave one order, and the orders allowed after each."""
        facts: list[Claim] = [at(thing, place) for place, thing in enumerate(self.order, 1)]
        facts += [Before(a, b) for i, a in enumerate(self.order) for b in self.order[i + 1 :]]
        self.chance.shuffle(facts)
        left = [list(permutations(range(self.size)))]
        chosen: list[Claim] = []
        for fact in facts:
            fewer = [order for order in left[-1] if true_in(fact, order)]
            if len(fewer) < len(left[-1]):
                chosen.append(fact)
                left.append(fewer)
            if len(fewer) == 1:
                break
        return chosen, left

    def name(self, thing: int) -> str:
        """The thing with its article."""
        return "the " + self.things[thing].split(" ", 1)[1]

    def at_text(self, thing: int, place: int) -> str:
        """That the thing has the place, in the words of the scene."""
        first, middle, last = self.scene.place
        text = {1: first, self.size: last}.get(place, middle.format(ordinal_word(place)))
        return f"{self.name(thing)} {text}"

    def premise_text(self, claim: Claim) -> str:
        """The premise in words; a relation is told from either side."""
        if isinstance(claim, Before):
            words = (self.scene.before, claim.first, claim.second)
            if self.chance.random() < 0.5:
                words = (self.scene.after, claim.second, claim.first)
            return f"{self.name(words[1])} {words[0]} {self.name(words[2])}"
        assert claim.fixed is not None
        return self.at_text(*claim.fixed)

    def known(self, count: int) -> list[int | None]:
        """The thing that must be at each place after ``count`` premises; None: open."""
        orders = self.allowed[count]
        columns = [{order[place] for order in orders} for place in range(self.size)]
        return [next(iter(column)) if len(column) == 1 else None for column in columns]

    def listing(self, known: list[int | None]) -> str:
        """A listed arrangement, open places as unknown."""
        unknown = f"an unknown {self.scene.noun}"
        entries = [
            f"{ordinal_word(place)} is {unknown if thing is None else self.name(thing)}"
            for place, thing in enumerate(known, 1)
        ]
        return f"So {self.scene.header}: {', then '.join(entries)}."


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _order_question(plant: _OrderPlant, premises: list[str], place: int) -> Problem:
    listed = ", ".join(plant.things[:-1]) + ", and " + plant.things[-1]
    opening = plant.scene.opening.format(_COUNT[plant.size], listed)
    letters = "ABCDEFG"
    options = [
        f"({letters[thing]}) {_sentence(plant.at_text(thing, place))}"
        for thing in range(plant.size)
    ]
    lines = [
        f"The following statements each describe a set of {_COUNT[plant.size]} objects arranged in"
        " a fixed order. The statements are logically consistent.",
        *(f"- {line}" for line in (opening, *map(_sentence, premises))),
        "Q: Given the above statements, which of the following is correct?",
        "Options:",
        *options,
    ]
    answer = f"({letters[plant.order[place - 1]]})"
    return Problem.make(
        "\n".join(lines), answer=answer, answer_kind="choice", family="planted.order"
    )


def _order_step(
    plant: _OrderPlant, count: int, premise: str, changed: list[int | None] | None = None
) -> str:
    known = plant.known(count) if changed is None else changed
    return f"{_sentence(premise)} {plant.listing(known)}"


def _corrupt_listing(plant: _OrderPlant, count: int) -> tuple[list[int | None], str]:
    """A listing after ``count`` premises that says something which does not follow."""
    known = plant.known(count)
    fixed = [i for i, thing in enumerate(known) if thing is not None]
    opened = [i for i, thing in enumerate(known) if thing is None]
    ways = (["two things exchanged"] if len(fixed) > 1 else []) + (
        ["a place forgotten"] if fixed else []
    ) + (["a place guessed"] if opened else [])  # fmt: skip
    how, changed = plant.chance.choice(ways), list(known)
    if how == "two things exchanged":
        a, b = plant.chance.sample(fixed, 2)
        changed[a], changed[b] = changed[b], changed[a]
    elif how == "a place forgotten":
        changed[plant.chance.choice(fixed)] = None
    else:
        free = [thing for thing in range(plant.size) if thing not in known]
        changed[plant.chance.choice(opened)] = plant.chance.choice(free)
    return changed, how


def planted_order(seed: int, index: int) -> Planted:
    """An order problem with a right chain of steps, and its twin with one wrong step.

    >>> planted_order(0, 0).corrupted.problem.family
    'planted.order'
    """
    plant = _OrderPlant(random.Random(seed_for("planted.order", seed, index)))
    chance = plant.chance
    premises = [plant.premise_text(claim) for claim in plant.premises]
    place = chance.randint(1, plant.size)
    problem = _order_question(plant, premises, place)
    steps = [_order_step(plant, i, text) for i, text in enumerate(premises, 1)]
    thing = plant.order[place - 1]
    last = "According to this ordering, {}. So the answer is ({})"
    steps.append(last.format(plant.at_text(thing, place), "ABCDEFG"[thing]))
    wrong = chance.randrange(len(steps))
    broken = list(steps)
    if wrong == len(steps) - 1:
        other = chance.choice([t for t in range(plant.size) if t != thing])
        broken[wrong], how = last.format(plant.at_text(other, place), "ABCDEFG"[other]), "answer"
    else:
        changed, how = _corrupt_listing(plant, wrong + 1)
        broken[wrong] = _order_step(plant, wrong + 1, premises[wrong], changed)
    return Planted(case_of(problem, steps), case_of(problem, broken), wrong, how)


_NOUNS = (
    "brimpus", "dorpus", "felpus", "gompus", "hispus", "kelpus", "lanpus", "morpus", "nurpus",
    "pelpus", "quopus", "rindus", "selpus", "torpus", "velpus",
)  # fmt: skip
_QUALITIES = (
    "bright", "cold", "shy", "wooden", "sour", "happy", "opaque", "small", "loud", "brown",
    "kind", "fast",
)  # fmt: skip
_NAMES = ("Ada", "Max", "Polly", "Rex", "Stella", "Wren")


def _universal(chance: random.Random, noun: str, what: str, *, holds: bool = True) -> str:
    denial = "" if holds else "not "
    is_noun = what in _NOUNS
    if chance.random() < 0.5:
        return f"{noun.capitalize()}es are {denial}{what + 'es' if is_noun else what}."
    kind = f"a {what}" if is_noun else what
    return f"{chance.choice(['Every', 'Each'])} {noun} is {denial}{kind}."


def _is(name: str, what: str, *, holds: bool = True) -> str:
    kind = f"a {what}" if what in _NOUNS else what
    return f"{name} is {'' if holds else 'not '}{kind}."


def planted_rules(seed: int, index: int) -> Planted:
    """A problem of facts and rules with a right proof, and its twin with one wrong step.

    >>> planted_rules(0, 0).corrupted.problem.family
    'planted.rules'
    """
    chance = random.Random(seed_for("planted.rules", seed, index))
    length = chance.randint(2, 6)
    nouns = chance.sample(_NOUNS, length + 3)
    chain, spare = nouns[:length], nouns[length:]
    name, (quality, *others) = chance.choice(_NAMES), chance.sample(_QUALITIES, 3)
    holds = chance.random() < 0.5
    rules = [_universal(chance, a, b) for a, b in pairwise(chain)]
    rules.append(_universal(chance, chain[-1], quality, holds=holds))
    noise = [_universal(chance, spare[0], quality, holds=not holds)]
    noise += [_universal(chance, spare[1], spare[2]), _universal(chance, spare[2], others[0])]
    noise += [_universal(chance, chance.choice(chain), others[1], holds=chance.random() < 0.5)]
    told = [*rules, *noise]
    chance.shuffle(told)
    question = _rules_question(chance, [*told, _is(name, chain[0])], _is(name, quality))
    problem = Problem.make(
        question, answer="A" if holds else "B", answer_kind="choice", family="planted.rules"
    )
    steps = [_is(name, chain[0])]
    for rule, what in zip(rules, [*chain[1:], quality]):
        steps += [rule, _is(name, what, holds=holds or what != quality)]
    wrong = chance.randrange(len(steps))
    broken = list(steps)
    broken[wrong], how = _corrupt_proof(chance, name, steps[wrong], spare)
    return Planted(case_of(problem, steps), case_of(problem, broken), wrong, how)


def _rules_question(chance: random.Random, told: list[str], asked: str) -> str:
    return (
        " ".join(told) + f"\nIs the following statement true or false? {asked}\nA) True\nB) False"
    )


def _corrupt_proof(
    chance: random.Random, name: str, step: str, spare: list[str]
) -> tuple[str, str]:
    """The step with a denial put in or taken out, or about a noun that is not derivable."""
    if step.startswith(name) and chance.random() < 0.5:
        return _is(name, chance.choice(spare)), "predicate exchanged"
    for verb in (" is ", " are "):
        if f"{verb}not " in step:
            return step.replace(f"{verb}not ", verb, 1), "denial dropped"
        if verb in step:
            return step.replace(verb, f"{verb}not ", 1), "denied"
    raise AssertionError(f"a step without a verb: {step}")
