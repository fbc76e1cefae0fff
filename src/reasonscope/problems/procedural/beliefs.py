"""Sally-Anne stories: where somebody thinks that somebody thinks ... a thing is, exactly.

The rule: a move of the thing changes what "A thinks that B thinks that C thinks" if and only if
A, B and C are all in the room when it happens. Whoever is in the room sees the move and who
else is there; whoever is not sees nothing and assumes that nothing changes; the containers are
closed, so coming back shows nothing. Order 0 is where the thing is.
"""

from dataclasses import dataclass
from random import Random

from reasonscope.problems.family import Family, Setting, equals_reference
from reasonscope.problems.procedural.drawing import chosen, generator
from reasonscope.problems.procedural.words import PEOPLE
from reasonscope.traces.schema import Problem

MAX_ORDER = 3

_THINGS = ("apple", "marble", "key", "letter", "coin", "cookie", "watch", "ring", "spoon", "stamp")
_PLACES = ("box", "basket", "drawer", "bag", "cupboard", "suitcase", "chest", "jar", "bucket")
_ROOMS = ("kitchen", "garage", "attic", "workshop", "playroom", "cellar", "study", "hall")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens in the room."""

    who: str
    what: str
    """``enters``, ``leaves`` or ``moves``."""
    to: str = ""
    """Where the thing goes, of a move."""


@dataclass(frozen=True, slots=True)
class Story:
    """People in a room with a closed container that holds a thing, and what happens."""

    people: tuple[str, ...]
    """Everybody; all are in the room at the start and see where the thing is."""
    start: str
    events: tuple[Event, ...]


def believed(story: Story, chain: tuple[str, ...]) -> str:
    """Where ``chain[0]`` thinks that ``chain[1]`` thinks ... the thing is; no chain: where it is.

    >>> story = Story(("Sally", "Anne"), "basket", (
    ...     Event("Sally", "leaves"), Event("Anne", "moves", "box"), Event("Sally", "enters")))
    >>> believed(story, ()), believed(story, ("Sally",)), believed(story, ("Anne", "Sally"))
    ('box', 'basket', 'basket')
    """
    present, place = set(story.people), story.start
    for event in story.events:
        if event.what == "leaves":
            present.discard(event.who)
        elif event.what == "enters":
            present.add(event.who)
        elif present.issuperset(chain):
            place = event.to
    return place


def _events(rng: Random, people: tuple[str, ...], places: list[str], moves: int) -> list[Event]:
    """Moves by people in the room, with comings and goings between them."""
    present, place, events = list(people), places[0], []
    for _ in range(moves):
        away = [who for who in people if who not in present]
        if len(present) > 1 and rng.random() < 0.75:
            events.append(Event(present.pop(rng.randrange(len(present))), "leaves"))
        if away and rng.random() < 0.4:
            present.append(rng.choice(away))
            events.append(Event(present[-1], "enters"))
        place = rng.choice([other for other in places if other != place])
        events.append(Event(rng.choice(present), "moves", place))
    events += [Event(who, "enters") for who in people if who not in present and rng.random() < 0.5]
    return events


def _told(event: Event, thing: str, room: str) -> str:
    if event.what == "moves":
        return f"{event.who} moves the {thing} to the {event.to}."
    return f"{event.who} {event.what} the {room}."


def _question(chain: tuple[str, ...], thing: str) -> str:
    if not chain:
        return f"Where is the {thing} really?"
    inner = "".join(f" that {who} thinks" for who in chain[1:])
    return f"Where does {chain[0]} think{inner} the {thing} is?"


def _steps(story: Story, chain: tuple[str, ...], thing: str, room: str) -> list[str]:
    """Each event with who sees it and what the asked-for belief is after it."""
    present, steps = list(story.people), [f"At the start, the {thing} is in the {story.start}."]
    for count, event in enumerate(story.events, start=1):
        if event.what == "leaves":
            present.remove(event.who)
        elif event.what == "enters":
            present.append(event.who)
        told = _told(event, thing, room)
        if event.what == "moves":
            after = believed(Story(story.people, story.start, story.events[:count]), chain)
            seen = f"{', '.join(sorted(present))} see this."
            where = _belief(chain, thing, after)
            told = f"{told} {seen} {where}"
        steps.append(told)
    return steps


def _belief(chain: tuple[str, ...], thing: str, place: str) -> str:
    words = "".join(f"{who} thinks that " for who in chain)
    return f"Now {words}the {thing} is in the {place}."


def make(
    seed: int,
    index: int,
    *,
    order: int | None = None,
    people: int | None = None,
    moves: int | None = None,
) -> Problem:
    """A story and a question about the belief of a chain of people.

    >>> make(0, 0, order=2).question.count(" think")
    2

    Args:
        seed: The seed of the set.
        index: The problem's place in the set.
        order: Length of the chain: 0 asks where the thing is, 1 where somebody thinks it is.
        people: People in the story; at least as many as the order, and two.
        moves: Moves of the thing.

    Returns:
        The problem at that index of that seed.
    """
    rng = generator("beliefs", seed, index)
    depth = chosen(rng, order, 0, MAX_ORDER)
    count = max(chosen(rng, people, 2, 4), depth, 2)
    times = chosen(rng, moves, 2, 5)
    names = tuple(rng.sample(PEOPLE, count))
    thing, room = rng.choice(_THINGS), rng.choice(_ROOMS)
    places = rng.sample(_PLACES, rng.randint(3, 4))
    story = Story(names, places[0], tuple(_events(rng, names, places, times)))
    chain = tuple(rng.sample(names, depth))
    answer = believed(story, chain)
    options = sorted(places)
    letter = "ABCD"[options.index(answer)]
    told = " ".join(_told(event, thing, room) for event in story.events)
    listed = ", ".join(names[:-1]) + " and " + names[-1]
    question = (
        f"{listed} are in the {room}. They all see that the {thing} is in the {places[0]}. "
        f"The {', the '.join(places[:-1])} and the {places[-1]} are closed. {told}\n"
        f"{_question(chain, thing)}\nOptions:\n"
        + "\n".join(f"({a}) the {b}" for a, b in zip("ABCD", options, strict=False))
    )
    steps = _steps(story, chain, thing, room)
    return Problem.make(
        question,
        answer=f"({letter})",
        answer_kind="choice",
        choices=[f"the {place}" for place in options],
        family="beliefs",
        steps=[*steps, f"So the answer is ({letter})."],
        extra={"order": depth, "false_belief": answer != believed(story, ())},
    )


FAMILY = Family(
    name="beliefs",
    summary="where somebody thinks that somebody thinks a moved thing is (orders 0 to 3)",
    make=make,
    check=equals_reference,
    settings={
        "order": Setting(low=0, high=MAX_ORDER, meaning="length of the chain of beliefs"),
        "people": Setting(low=2, high=6, meaning="people in the story"),
        "moves": Setting(low=1, high=12, meaning="moves of the thing"),
    },
)
