"""A learned verifier as a step reward."""

from collections.abc import Callable
from pathlib import Path

from reasonscope.errors import SetupError
from reasonscope.training.judged import Judged
from reasonscope.training.verifier.features import WIDTH, step_features
from reasonscope.training.verifier.learned import Learned, load


def learned_reward(file: str | Path) -> Callable[[Judged], tuple[float, ...]]:
    """The step reward that a file holds, such as ``run/verifier.npz``."""
    return step_reward(load(file))


def step_reward(verifier: Learned) -> Callable[[Judged], tuple[float, ...]]:
    """A step reward: for every step twice the chance that it is right, less one (-1 to 1).

    It says a number for every step, also for those that no exact verifier could judge: there its
    error rate is not known.
    """
    if verifier.kind != "words" or len(verifier.weights) != WIDTH:
        raise SetupError(
            "this verifier was learned from states that a reward does not have, or by another "
            "version; learn one from words"
        )

    def reward(judged: Judged) -> tuple[float, ...]:
        if not judged.case.steps:
            return ()
        chances = verifier.chances(step_features(judged.case))
        return tuple(float(2 * chance - 1) for chance in chances)

    return reward
