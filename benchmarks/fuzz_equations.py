"""Random inputs to the equation verifier: how many, the slowest, and that none raises.

    python benchmarks/fuzz_equations.py [--count 100000] [--seed 0]

Three kinds in turn: sentences from a grammar of arithmetic, the same with signs put in, taken out
and doubled, and random Unicode (controls, right-to-left marks, surrogate escapes). Every 400th
of the first 12,000 is one of the large hostile ones (a million digits, 100,000 brackets, 1 MB).
Each verdict must lie inside its text. Prints one line of figures; a failure prints its input.
"""

import argparse
import random
import time

from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case, Problem, Step, Trace
from reasonscope.verify.arithmetic import explain
from reasonscope.verify.equations import check

PROBLEM = Problem.make("A question.")
PIECES = (
    "=", " = ", " ≈ ", "==", "!=", "≠", "<", ">", "\\le ", "+", "-", " - ", "–", "*", "**", "×",
    "x", "/", "//", "÷", "^", "^{", "_", "(", ")", "[", "]", "{", "}", "\\frac{", "\\frac", "}{",
    "\\sqrt", "\\sqrt[3]{", "\\text{", "\\(", "\\)", "\\[", "\\]", "$", "$$", "\\$", "%", "\\%",
    "!", "?", ".", ",", ";", ":", "\n", "\n\n", "\\\\", " &= ", "\\cdot ", "\\times ", "\\left(",
    "\\right)", "...", "\\boxed{", "12", "3", "0", "007", "1,000", "3.14", "0.333...", "½", "²",
    "√", "π", "9**9**9", " apples", " hours", " km", " per ", " of ", " is ", " plus ", " times ",
    " and ", " percent ", " x ", " A ", "n", "Let ", "if ", " Wait, no ", " remainder ", " mod ",
    "|", "<<", ">>", "`", "#", " squared ", " million ", "\\binom{5}{2}", "\\lfloor ",
    "\\rfloor ", "\u202e", "\x00", "é", "日",
)  # fmt: skip
HOSTILE = (
    "7" * 1_000_000 + " = 7",
    "9**9**9 = 9^9^9^9 = 10^100000000",
    "(" * 100_000 + "1" + ")" * 100_000 + " = 1",
    "=" * 300_000,
    "= " * 150_000,
    "1+" * 250_000 + "1 = 2",
    "1=" * 250_000,
    "x" * 1_000_000,
    "3 + 4 = 8 " * 50_000,
    "\\frac{" * 60_000 + "1 = 1",
    "$" * 400_000 + "1 = 2",
    "\u202e" * 300_000 + "3 + 4 = 8",
    "- " * 200_000 + "3 = 4",
    "a = 1, " * 60_000,
    "is 5 " * 100_000,
    "\\text{" + "a" * 500_000 + " = 3",
    "5 apples " * 60_000 + "= 3",
    "5!" * 100_000 + " = 3",
    "1,000" * 100_000 + " = 3",
    "((1 = " * 60_000,
    "\n= 1" * 120_000,
    "2^" * 100_000 + "2 = 4",
    "3 + 4 = 8. " * 60_000,
    "3 + 4 = 8. But 3 + 4 = 7. " * 30_000,
    "\n\n".join(f"x_{i} = {i}" for i in range(60_000)),
    "3 + 4 = 8 or " * 60_000,
    "3 + " + "4 " * 300_000 + "= 8",
    "3 + 4 = 7 * " * 60_000,
    "(3 + 4 = 7) " * 60_000,
)


def sentence(chance: random.Random) -> str:
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 60)))


def equation(chance: random.Random) -> str:
    def operand() -> str:
        return chance.choice(
            ("{}", "({} + 2)", "${}", "{}%", "{} eggs", "\\frac{{{}}}{{2}}")
        ).format(chance.choice((chance.randint(0, 99), f"{chance.random():.3f}", "1,234")))

    sides = [operand() for _ in range(chance.randint(2, 5))]
    signs = (" + ", " - ", " * ", " / ", " = ", " = ", " ≈ ", "\n= ", " is ", " times ")
    return "".join(s + chance.choice(signs) for s in sides) + operand()


def mutated(chance: random.Random) -> str:
    text = list(equation(chance))
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(text) + 1)
        action = chance.randrange(3)
        if action == 0:
            text.insert(place, chance.choice(PIECES))
        elif text:
            place = min(place, len(text) - 1)
            text[place : place + 1] = [] if action == 1 else [text[place]] * 2
    return "".join(text)


def noise(chance: random.Random) -> str:
    ranges = ((0, 127), (0, 0x2FF), (0x2000, 0x22FF), (0, 0xD7FF), (0xE000, 0x10FFFF))
    low, high = chance.choice(ranges)
    return "".join(chr(chance.randint(low, high)) for _ in range(chance.randint(1, 80)))


def examine(text: str) -> float:
    trace = Trace.make(PROBLEM, text)
    size = len(trace.reasoning)
    half = max(1, size // 2)
    cuts = [(0, half), (half, size)] if half < size else [(0, size)]
    steps = tuple(
        Step(trace_id=trace.trace_id, index=i, char_start=a, char_end=b, text=trace.reasoning[a:b])
        for i, (a, b) in enumerate(cuts)
    )
    started = time.process_time()
    verdicts = check(Case(PROBLEM, trace, steps))
    taken = time.process_time() - started
    for verdict in verdicts:
        assert verdict.char_start is not None
        assert verdict.char_end is not None
        assert 0 <= verdict.char_start < verdict.char_end <= size
        assert verdict.claim in trace.reasoning
    if size < 2_000:
        explain(text)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(seed_for("fuzz_equations", options.seed))
    makers = (sentence, equation, mutated, noise)
    worst = {"small": 0.0, "hostile": 0.0}
    hostile = ""
    for place in range(options.count):
        large = place % 400 == 0 and place // 400 < len(HOSTILE)
        text = HOSTILE[place // 400] if large else makers[place % 4](chance)
        try:
            taken = examine(text)
        except Exception:
            print(f"input {place}: {text[:500]!r}")
            raise
        kind = "hostile" if large else "small"
        if taken > worst[kind]:
            worst[kind], hostile = taken, (text[:30] if large else hostile)
    print(
        f"{options.count:,} inputs, no exception; slowest small {worst['small'] * 1000:.1f} ms, "
        f"slowest hostile one ({hostile!r}…) {worst['hostile']:.2f} s of processor"
    )


if __name__ == "__main__":
    main()
