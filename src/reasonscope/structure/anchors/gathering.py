"""The rollouts of one trace, counted by the prefix that they had and what they did next."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reasonscope.structure.anchors.intervals import Parting, Tally
from reasonscope.structure.anchors.rollout import Rollout

RIGHT = "(right)"
"""The right answer among answers, in whatever form it was given."""


def steps_repeated(rollout: Rollout, texts: Sequence[str]) -> int:
    """How many of the trace's steps a rollout repeats to the letter from where it starts.

    >>> made = Rollout(trace_id="t", kept=1, index=0, arm="resample", inserted="", seed=0,
    ...     text="So 2. Then 4.", step="So 2. ", tokens=6, ended=True)
    >>> steps_repeated(made, ["One. ", "So 2. ", "Then 3."])
    1
    """
    place = done = 0
    for text in texts[rollout.kept :]:
        if not rollout.text.startswith(text, place):
            break
        place, done = place + len(text), done + 1
    return done


@dataclass(slots=True)
class Heap:
    """Rollouts counted by what they answered."""

    right: int = 0
    wrong: int = 0
    unknown: int = 0
    answers: Counter[str | None] = field(default_factory=Counter)

    def add(self, rollout: Rollout) -> None:
        """Count one more."""
        self.answers[RIGHT if rollout.correct else rollout.answer] += 1
        self.right += rollout.correct is True
        self.wrong += rollout.correct is False
        self.unknown += rollout.correct is None

    @property
    def tally(self) -> Tally:
        """The counts without the answers."""
        return Tally(right=self.right, wrong=self.wrong, unknown=self.unknown)


@dataclass(slots=True)
class Gathered:
    """The rollouts of a trace by prefix; lists have an entry for each number of kept steps."""

    trace_id: str
    having: list[Heap]
    """All that have the prefix, wherever they were started."""
    left: list[Heap]
    """Those that had the prefix and wrote another step next."""
    leavers: list[list[Rollout]]
    """Those that were started at the prefix and left at once."""
    forced: list[Heap]
    started: Counter[int] = field(default_factory=Counter)
    cut: Counter[int] = field(default_factory=Counter)
    unparsable: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    tokens: Counter[int] = field(default_factory=Counter)

    def stayed(self, step: int) -> Tally:
        """Those that had the steps before one and repeated it."""
        all_, left = self.having[step].tally, self.left[step].tally
        return Tally(
            right=all_.right - left.right,
            wrong=all_.wrong - left.wrong,
            unknown=all_.unknown - left.unknown,
        )

    def parting(self, step: int) -> Parting:
        """The rollouts that had the steps before one, told apart by what they did with it."""
        return Parting(
            stayed=self.stayed(step),
            left=self.left[step].tally,
            beyond=self.having[step + 1].tally,
        )


def gather(rollouts: Iterable[Rollout], texts: Sequence[str]) -> Gathered:
    """The rollouts of a trace with these steps, in one pass.

    Raises:
        ValueError: The rollouts are of several traces, or keep more steps than there are.
    """
    prefixes = range(len(texts) + 1)
    heaps = [[Heap() for _ in prefixes] for _ in range(3)]
    out = Gathered("", heaps[0], heaps[1], [[] for _ in prefixes], heaps[2])
    for rollout in rollouts:
        out.trace_id = out.trace_id or rollout.trace_id
        if rollout.trace_id != out.trace_id or not 0 <= rollout.kept < len(prefixes):
            raise ValueError(
                f"rollouts of one trace of {len(texts)} steps are needed, found one of trace "
                f"{rollout.trace_id} with {rollout.kept} steps kept"
            )
        if rollout.arm == "forced" or (rollout.arm == "resample" and not rollout.inserted):
            _place(out, rollout, texts)
    return out


def _place(out: Gathered, rollout: Rollout, texts: Sequence[str]) -> None:
    kept = rollout.kept
    out.tokens[kept] += rollout.tokens
    if rollout.error:
        out.failed[kept] += 1
    elif rollout.arm == "forced":
        out.forced[kept].add(rollout)
    else:
        out.started[kept] += 1
        out.cut[kept] += not rollout.ended
        out.unparsable[kept] += rollout.ended and rollout.correct is None
        leaves = kept + steps_repeated(rollout, texts)
        for prefix in range(kept, leaves + 1):
            out.having[prefix].add(rollout)
        out.left[leaves].add(rollout)
        if leaves == kept:
            out.leavers[kept].append(rollout)
