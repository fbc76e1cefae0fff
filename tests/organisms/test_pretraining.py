"""Packed rows, where examples do not see each other; first embeddings, where numbers are kin."""

import pytest
import torch

from reasonscope.organisms import lessons
from reasonscope.organisms.embedding import first_embedding
from reasonscope.organisms.lessons import examples
from reasonscope.organisms.pretraining import (
    IGNORED,
    Pace,
    Shape,
    encoded,
    new_model,
    packed,
    pretrain,
)
from reasonscope.organisms.vocabulary import vocabulary

SMALL = Shape(layers=2, width=32, heads=2, inner=64)
PACE = Pace(rows=4, length=128, compiled=False, warmup_steps=2, learning_rate=3e-3)


def test_every_example_that_fits_is_packed_once():
    shown = list(examples(lessons.right, 120))
    fitting = [pair for one in shown if len((pair := encoded(one))[0]) + len(pair[1]) <= 128]
    total = sum(len(prompt) + len(after) for prompt, after in fitting)
    batches = list(packed(shown, PACE, seed=0))
    assert sum(int((batch.segments >= 0).sum()) for batch in batches) == total
    said = sum(int((batch.labels != IGNORED).sum()) for batch in batches)
    assert said == sum(len(after) for _, after in fitting)


def test_rows_are_full_while_examples_last():
    batch = next(packed(examples(lessons.raw, 2000), PACE, seed=0))
    assert float((batch.segments >= 0).float().mean()) > 0.9


def test_packing_changes_no_logits():
    """Each example's logits in a packed row are those it has alone."""
    model = new_model(SMALL, seed=0).eval()
    batch = next(packed(examples(lessons.right, 40), PACE, seed=0))
    with torch.no_grad():
        together = model(
            input_ids=batch.ids, attention_mask=batch.mask, position_ids=batch.positions
        ).logits
        row = 0
        for segment in range(int(batch.segments[row].max()) + 1):
            here = batch.segments[row] == segment
            alone = model(input_ids=batch.ids[row][here][None]).logits[0]
            torch.testing.assert_close(together[row][here], alone, atol=1e-5, rtol=1e-4)


def test_numbers_near_in_size_or_digits_stand_near_and_names_do_not():
    rows = torch.nn.functional.normalize(first_embedding(128, seed=0), dim=1)
    place = {token: index for index, token in enumerate(vocabulary())}

    def likeness(one, other):
        return float(rows[place[one]] @ rows[place[other]])

    assert likeness("41", "42") > likeness("41", "86") + 0.1
    assert likeness("41", "51") > likeness("41", "86") + 0.1
    assert abs(likeness("Bob", "Bob.")) < 0.3


def test_the_default_shape_has_one_million_parameters():
    model = new_model(Shape(), seed=0)
    assert 1_000_000 <= sum(one.numel() for one in model.parameters()) < 1_010_000


def test_a_seed_gives_the_same_first_weights_and_another_others():
    one, same, other = (new_model(SMALL, seed) for seed in (0, 0, 1))
    for a, b in zip(one.parameters(), same.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(one.model.embed_tokens.weight, other.model.embed_tokens.weight)


@pytest.mark.slow
def test_recall_is_learned_by_a_small_model():
    model = new_model(Shape(layers=2, width=64, heads=4, inner=128), seed=0)
    losses = []
    pretrain(
        model,
        examples(lessons.recall, 40_000),
        300,
        Pace(compiled=False),
        seed=0,
        told=lambda step, steps, loss: losses.append(loss),
    )
    assert sum(losses[-20:]) / 20 < 0.5 * losses[0]
