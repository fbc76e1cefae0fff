"""The shipped form of the family: bfloat16 weights with tokenizer and card, and where it lies."""

import json
import shutil
from pathlib import Path

from reasonscope.errors import SetupError
from reasonscope.models.shipped import WEIGHTS, organism_folder

CARD = "card.json"
MOST = 25_000_000
"""Bytes that the family may take."""


def card(name: str) -> dict[str, object]:
    """What was planted in a shipped organism and how strongly, as measured."""
    return dict(json.loads((organism_folder(name) / CARD).read_text(encoding="utf-8")))


def ship(runs: Path, out: Path = WEIGHTS) -> int:
    """Write the shipped form of all organisms in a folder of runs; gives its size in bytes."""
    from reasonscope.models.loading import load_model

    for final in sorted(runs.glob("*/final")):
        target = out / final.parent.name
        loaded = load_model(str(final), dtype="bfloat16", device="cpu")
        target.mkdir(parents=True, exist_ok=True)
        loaded.model.save_pretrained(target)
        loaded.tokenizer.save_pretrained(target)
        if (final.parent / CARD).is_file():
            shutil.copy(final.parent / CARD, target / CARD)
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    if size > MOST:
        raise SetupError(f"the family takes {size:,} bytes, more than {MOST:,}")
    return size
