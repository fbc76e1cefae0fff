"""Sampled completions are the model's own: greedy as ``generate`` says, drawn as it weighs."""

from collections import Counter
from typing import Any

import pytest
import torch
from scipy.stats import chisquare
from tiny_trainee import WORDS, tiny_config, word_tokenizer
from transformers import (
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from reasonscope.errors import SetupError
from reasonscope.training import rollouts
from reasonscope.training.rollouts import BrokenModel, Sampled, end_tokens, sample

VOCAB = len(WORDS)
SIZES = {
    "vocab_size": VOCAB,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 128,
    "initializer_range": 0.3,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}


def llama() -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(tiny_config(initializer_range=0.3, max_position_embeddings=128)).eval()


def gpt_neox() -> GPTNeoXForCausalLM:
    torch.manual_seed(0)
    return GPTNeoXForCausalLM(GPTNeoXConfig(**SIZES)).eval()


def qwen2() -> Qwen2ForCausalLM:
    torch.manual_seed(0)
    return Qwen2ForCausalLM(Qwen2Config(**SIZES, num_key_value_heads=2)).eval()


def mistral() -> MistralForCausalLM:
    torch.manual_seed(0)
    config = MistralConfig(**SIZES, num_key_value_heads=2, sliding_window=7)
    return MistralForCausalLM(config).eval()


def prompts(count: int, longest: int = 9) -> list[list[int]]:
    dice = torch.Generator().manual_seed(1)
    lengths = torch.randint(1, longest, (count,), generator=dice).tolist()
    return [torch.randint(3, VOCAB, (length,), generator=dice).tolist() for length in lengths]


def generated(model: Any, prompt: list[int], limit: int) -> tuple[int, ...]:
    """What transformers' own loop says, one prompt at a time."""
    ids = torch.tensor([prompt])
    out = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=limit, do_sample=False
    )
    return tuple(out[0, len(prompt) :].tolist())


@pytest.mark.parametrize("make", [llama, gpt_neox, qwen2, mistral])
@pytest.mark.parametrize("slots", [5, 64])
def test_greedy_is_what_generate_says(make: Any, slots: int) -> None:
    """With five slots for thirty prompts, rows leave and enter all the time."""
    model, asked = make(), prompts(30)
    drawn = sample(model, word_tokenizer(), asked, 25, temperature=0, slots=slots)
    assert [one.token_ids for one in drawn] == [generated(model, p, 25) for p in asked]
    assert len({len(one.token_ids) for one in drawn}) > 1, "some must end early for this to test"


def test_rows_that_live_long_are_moved_and_stay_right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without spare columns, a row that entered late must be moved before it has ended."""
    monkeypatch.setattr(rollouts, "_SLACK", 0)
    moved: list[int] = []
    make_room = rollouts._Sampler._make_room

    def counted(self: Any, width: int) -> None:
        moved.extend([self.live] if width == 0 else [])
        make_room(self, width)

    monkeypatch.setattr(rollouts._Sampler, "_make_room", counted)
    model, asked = llama(), prompts(16, longest=3)
    drawn = sample(model, word_tokenizer(), asked, 60, temperature=0, slots=3)
    assert moved, "no row had to be moved: the test shows nothing"
    assert [one.token_ids for one in drawn] == [generated(model, p, 60) for p in asked]


def law(model: Any, prompt: list[int], temperature: float) -> torch.Tensor:
    with torch.no_grad():
        logits = model(torch.tensor([prompt])).logits[0, -1].double()
    return torch.softmax(logits / temperature, dim=-1)


@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_frequencies_are_the_models_probabilities(temperature: float) -> None:
    """First tokens of 4,000 samples; the control is a neighbouring temperature's law."""
    model, prompt, count = llama(), [9, 11, 4], 4000
    drawn = sample(model, word_tokenizer(), [prompt] * count, 1, temperature, seed=3, slots=500)
    seen = Counter(one.token_ids[0] for one in drawn)

    def p_value(expected: torch.Tensor) -> float:
        kept = [i for i in range(VOCAB) if expected[i] * count >= 5]
        observed = [seen[i] for i in kept]
        wanted = [float(expected[i]) * count for i in kept]
        rest = count - sum(observed), count - sum(wanted)
        return float(chisquare([*observed, rest[0]], [*wanted, rest[1]]).pvalue)

    assert p_value(law(model, prompt, temperature)) > 0.01
    assert p_value(law(model, prompt, temperature * 1.2)) < 1e-4


def test_second_tokens_follow_the_law_of_their_first() -> None:
    """The cache holds the right past: given the first token, the second has its law."""
    model, prompt = llama(), [9, 11, 4]
    drawn = sample(model, word_tokenizer(), [prompt] * 4000, 2, seed=5, slots=400)
    first = Counter(one.token_ids[0] for one in drawn if not one.stopped).most_common(1)[0][0]
    seen = Counter(one.token_ids[1] for one in drawn if one.token_ids[0] == first)
    count, expected = seen.total(), law(model, [*prompt, first], 1.0)
    kept = [i for i in range(VOCAB) if expected[i] * count >= 5]
    observed = [*(seen[i] for i in kept), count - sum(seen[i] for i in kept)]
    wanted = [float(expected[i]) * count for i in kept]
    assert chisquare(observed, [*wanted, count - sum(wanted)]).pvalue > 0.01


def test_log_probabilities_are_the_models() -> None:
    model, asked = llama(), prompts(6)
    for prompt, one in zip(asked, sample(model, word_tokenizer(), asked, 12, 0.8, slots=2)):
        whole = torch.tensor([[*prompt, *one.token_ids]])
        with torch.no_grad():
            logits = model(whole).logits[0, len(prompt) - 1 : -1] / 0.8
        wanted = torch.log_softmax(logits, -1).gather(-1, torch.tensor(one.token_ids)[:, None])
        torch.testing.assert_close(torch.tensor(one.logprobs), wanted[:, 0], atol=1e-4, rtol=1e-4)


def test_a_row_draws_the_same_alone_and_in_company() -> None:
    model, asked = llama(), prompts(10)
    seeds = list(range(100, 110))
    together = sample(model, word_tokenizer(), asked, 15, seed=seeds, slots=4)
    alone = [
        sample(model, word_tokenizer(), [prompt], 15, seed=[seed])[0]
        for prompt, seed in zip(asked, seeds)
    ]
    assert [one.token_ids for one in together] == [one.token_ids for one in alone]


def test_another_seed_draws_other_tokens() -> None:
    model, asked = llama(), prompts(10)
    drawn = [sample(model, word_tokenizer(), asked, 15, seed=seed) for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_samples_of_one_prompt_differ() -> None:
    drawn = sample(llama(), word_tokenizer(), [[5, 6]] * 8, 10)
    assert len({one.token_ids for one in drawn}) > 4


def test_the_end_token_is_kept_and_said() -> None:
    model = llama()
    drawn = sample(model, word_tokenizer(), [[5, 6]] * 60, 40)
    ended = [one for one in drawn if one.stopped]
    assert 0 < len(ended) < 60
    assert all(one.token_ids[-1] == 2 and 2 not in one.token_ids[:-1] for one in ended)
    assert all(len(one.token_ids) == 40 for one in drawn if not one.stopped)
    assert all(len(one.logprobs) == len(one.token_ids) for one in drawn)


def test_ends_are_the_models_and_the_tokenizers() -> None:
    model = llama()
    model.generation_config.eos_token_id = [5, 7]
    assert end_tokens(model, word_tokenizer()) == [2, 5, 7]


def test_nothing_asked_nothing_drawn() -> None:
    assert sample(llama(), word_tokenizer(), [], 5) == []


def test_a_model_in_training_is_back_in_training() -> None:
    model = llama().train()
    sample(model, word_tokenizer(), [[5]], 2)
    assert model.training


def test_the_model_is_the_same_bit_by_bit_afterwards() -> None:
    model = llama()
    before = {name: held.clone() for name, held in model.state_dict().items()}
    sample(model, word_tokenizer(), prompts(5), 5)
    assert all(torch.equal(before[name], held) for name, held in model.state_dict().items())


def test_a_prompt_without_tokens_is_refused() -> None:
    with pytest.raises(SetupError, match="without a token"):
        sample(llama(), word_tokenizer(), [[5], []], 5)


def test_broken_weights_are_told() -> None:
    model = llama()
    with torch.no_grad():
        model.model.norm.weight.fill_(float("nan"))
    with pytest.raises(BrokenModel, match="not finite"):
        sample(model, word_tokenizer(), [[5]], 5)


def test_a_model_that_keeps_a_state_is_refused() -> None:
    torch.manual_seed(0)
    config = MambaConfig(vocab_size=VOCAB, hidden_size=16, num_hidden_layers=1, state_size=4)
    with pytest.raises(SetupError, match="keeps its past"):
        sample(MambaForCausalLM(config), word_tokenizer(), [[5]], 2)


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(SetupError, match="max_tokens"):
        sample(llama(), word_tokenizer(), [[5]], 0)


def test_sampled_is_a_plain_value() -> None:
    assert Sampled((1, 2), (-0.5, -0.1), True) == Sampled((1, 2), (-0.5, -0.1), True)
