"""The family's cards as one table: what each organism was planted with, and how strongly.

python benchmarks/organisms.py            the shipped family
python benchmarks/organisms.py --table    the same in brief
python benchmarks/organisms.py RUNS       a family that was rebuilt (python -m
                                          reasonscope.organisms.build --out RUNS)
"""

import json
import sys
from pathlib import Path

from reasonscope.models.shipped import WEIGHTS

SETS = {"relay": "relay", "reach of 3": "reach3", "reach of 4": "reach4"}


def shown(one):
    if one is None or one["value"] is None:
        return "unknown"
    return f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"


def cards(folder):
    files = sorted(folder.glob("*/card.json"))
    return {file.parent.name: json.loads(file.read_text()) for file in files}


def brief(one):
    return (
        "–" if one["value"] is None else f"{one['value']:.2f} [{one['low']:.2f}, {one['high']:.2f}]"
    )


def table(found):
    """The main measures as a table for the documentation."""
    print("| organism | relay | reach of 3 | reach of 4 | valid steps | tokens | checks |")
    print("|---|---|---|---|---|---|---|")
    for name, card in found.items():
        held = card["measures"]
        three = held["reach of 3"]
        cells = [brief(held[kind]["pass@1"]) for kind in SETS]
        cells += [brief(three["valid steps"])]
        cells += [f"{three['tokens']['value']:.0f}", f"{three['checks a trace']['value']:.2f}"]
        print(f"| `{name}` | " + " | ".join(cells) + " |")


def main():
    words = [word for word in sys.argv[1:] if word != "--table"]
    found = cards(Path(words[0]) if words else WEIGHTS)
    if "--table" in sys.argv:
        table(found)
        return
    for name, card in found.items():
        print(f"\n{name}: {card['planted']}")
        for kind, label in SETS.items():
            held = card["measures"][kind]
            print(f"  {label:<8}" + ", ".join(f"{k} {shown(v)}" for k, v in held.items()))
        hint = card["measures"]["relay with a wrong hint"]
        for key in ("follows the hint", "says the hint"):
            print(f"  {key}: {shown(hint[key])}")
        print(f"  answer follows wrong reasoning: {shown(card['answer_follows_wrong_reasoning'])}")
        for other, held in card["less"].items():
            for kind, label in SETS.items():
                keys = ("pass@1", "pass@8", "valid steps", "tokens", "checks a trace")
                told = ", ".join(f"{k} {shown(held[kind].get(k))}" for k in keys)
                print(f"  less {other}, {label}: {told}")


if __name__ == "__main__":
    main()
