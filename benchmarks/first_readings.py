"""How the alarm and the entropy law do beyond what `reasonscope calibrate` shows.

python benchmarks/first_readings.py thresholds [--n 6000]   evidence in runs of flat truth
python benchmarks/first_readings.py alarm [--n 300]         honest and hacked runs of many kinds
python benchmarks/first_readings.py law [--n 400]           coverage under noises with memory
"""

import argparse
from dataclasses import replace

import numpy as np

from reasonscope.dynamics.alarm.evidence import WINDOWS
from reasonscope.dynamics.alarm.planted import (
    STAGNANT,
    UNPAID,
    Plant,
    hack,
    improving,
    ramp,
    run,
    short_hack,
)
from reasonscope.dynamics.alarm.thresholds import FROM_ANYWHERE, FROM_START, Threshold
from reasonscope.dynamics.alarm.watching import watched
from reasonscope.dynamics.entropy_law.law import forecast, law
from reasonscope.dynamics.entropy_law.planted import INTERCEPT, PRICE, Noise, lawful, log_of

HORIZON = 2560


def largest(values: np.ndarray, held: Threshold, from_start: bool) -> float:
    """The square that would just not have been reached anywhere in a run of fresh noise."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    found = -np.inf
    for length in WINDOWS:
        means = (sums[length:] - sums[:-length]) / length
        later = np.arange(length, len(means))
        stride = max(1, length // 2)
        best = np.maximum.accumulate(means[::stride])[(later - length) // stride]
        early = means[0] if from_start else best
        z = np.maximum(early - means[later], 0) * np.sqrt(length / 2)
        doublings = np.log2(np.maximum(later + length, 10) / 10)
        found = max(found, float((z**2 - held.per_doubling * doublings).max()))
    return found


def thresholds(n: int) -> None:
    rng = np.random.default_rng(1)
    noise = [rng.normal(size=HORIZON) for _ in range(n)]
    for name, held in (("from start", FROM_START), ("from anywhere", FROM_ANYWHERE)):
        squares = [largest(one, held, held is FROM_START) for one in noise]
        at = np.quantile(squares, [0.9, 0.95, 0.975])
        print(f"{name}: square {held.square}; simulated 90, 95, 97.5 %: {np.round(at, 2)}")


def alarm(n: int) -> None:
    late = Plant(truth=ramp(0.35, 0.65, 10, 80), proxy=ramp(0.35, 0.65, 0, 80))
    plants = {
        "nothing moves": (STAGNANT, 300),
        "both improve": (improving(), 300),
        "both improve, truth ten steps late": (late, 300),
        "nothing moves, both wander by .02": (replace(STAGNANT, wander=0.02), 300),
        "both improve, 4,096 completions, wander .02": (
            replace(improving(), wander=0.02, completions=4096),
            300,
        ),
        "reward rises, truth stays": (UNPAID, 300),
        "reward rises, truth stays, 32 completions": (replace(UNPAID, completions=32), 300),
        "reward rises, truth wanders by .02, memory 5": (replace(UNPAID, wander=0.02), 300),
        "reward rises, truth wanders by .02, memory 20": (
            replace(UNPAID, wander=0.02, memory=20.0),
            300,
        ),
        "fall of .15 in the first 22 steps, 512, ends at 30": (short_hack(), 30),
    }
    for fall in (0.1, 0.15):
        for size in (32, 64, 128, 256, 512):
            plants[f"fall of {fall} from step 20 to 45, {size}"] = (hack(fall, size), 120)
    for name, (plant, steps) in plants.items():
        states = [watched(run(seed, plant, steps)) for seed in range(n)]
        rang = [s.hacked_at for s in states if s.hacked_at is not None]
        warned = sum(s.outrun_at is not None for s in states) / n
        at = f"{np.median(rang):.0f}" if rang else "-"
        print(f"{name}: alarm {len(rang) / n:.3f} (median step {at}), warning {warned:.3f}")


def held_by(estimate: object, truth: float) -> bool:
    low, high = getattr(estimate, "low", None), getattr(estimate, "high", None)
    return low is not None and high is not None and low <= truth <= high


def entropy(n: int) -> None:
    noises = (
        Noise(slow=0.0),
        Noise(),
        Noise(slow=0.02, memory=10.0),
        Noise(fresh=0.005, slow=0.02, memory=20.0),
    )
    for noise in noises:
        for steps in (40, 150, 400):
            logs = [log_of(seed, lawful, noise, steps) for seed in range(n)]
            laws = [law(log) for log in logs]
            a = np.mean([held_by(one.price, PRICE) for one in laws])
            ceiling = np.mean([held_by(one.ceiling, INTERCEPT - PRICE) for one in laws])
            flagged = np.mean([one.misfit_p_value <= 0.05 for one in laws])
            made = [one for log in logs if (one := forecast(log)) is not None]
            foretold = f"{np.mean([held_by(m.miss, 0.0) for m in made]):.3f}" if made else "-"
            print(
                f"{noise} {steps} steps: a {a:.3f}, ceiling {ceiling:.3f}, "
                f"flagged {flagged:.3f}, forecast {foretold}",
                flush=True,
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("thresholds", "alarm", "law"))
    parser.add_argument("--n", type=int)
    chosen = parser.parse_args()
    runs = {"thresholds": (thresholds, 6000), "alarm": (alarm, 300), "law": (entropy, 400)}
    do, default = runs[chosen.what]
    do(chosen.n or default)
