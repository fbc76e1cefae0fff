"""The organisms' tokenizer: whole words, whole numbers, and names with what must stand beside them.

A tiny transformer finds a definition by the token before it. So ``plus 4 makes`` is one token, and
a name that passes on (``Bob``), receives (``Bob.``), has (``Bob has``) and is asked for (``Bob?``)
are four.
"""

from functools import cache
from typing import Any

from reasonscope.problems.procedural.relay import CHANGES, MAX_VALUE
from reasonscope.problems.procedural.words import PEOPLE

PAD, BEGIN, END, UNKNOWN = "<pad>", "<bos>", "<eos>", "<unk>"
SPECIAL = (PAD, BEGIN, END, UNKNOWN)
THINK, THOUGHT, ANSWER = "<think>", "</think>", "Answer:"
"""Ordinary tokens: they stay in decoded text."""
SIGNS = ("+", "-", "*", "/", "=", "(", ")", ".", ",")
WORDS = (
    "How many has Use to make So We want Try Then That works Not is not Wait that wrong Hmm sure "
    "Maybe Check: Right go back again A friend says the answer The hint I will use it Verified "
    "Let me see count all over Again OK Done No What Now"
)

_TEMPLATE = (
    "{{ '<bos> ' + messages[-1]['content'].split('\\n\\n')[0] + "
    "(' <think>' if add_generation_prompt else '') }}"
)
"""The prompt: the question alone, without the instructions that other models need."""


@cache
def vocabulary() -> tuple[str, ...]:
    """All tokens, in the order of their ids.

    >>> len(vocabulary()) <= 400, vocabulary()[:4]
    (True, ('<pad>', '<bos>', '<eos>', '<unk>'))
    """
    names = [f"{name}{after}" for name in PEOPLE for after in ("", " has", ".", "?")]
    changes = [f"{word} {number} makes" for word, number in CHANGES]
    numbers = [str(number) for number in range(MAX_VALUE + 1)]
    words = sorted(set(WORDS.split()))
    return tuple(
        dict.fromkeys(
            [*SPECIAL, THINK, THOUGHT, ANSWER, *numbers, *SIGNS, *changes, *names, *words]
        )
    )


def _pattern() -> str:
    """What is one token, as a regular expression; longer ones first."""
    names = "|".join(PEOPLE)
    return (
        rf"<pad>|<bos>|<eos>|<unk>|<think>|</think>|[A-Z][a-z]+:|\d+"
        rf"|(?:plus|minus|times) \d+ makes|(?:{names})(?: has|\.|\?)?"
        rf"|[A-Za-z]+|[^\sA-Za-z\d]"
    )


@cache
def tokenizer() -> Any:
    """The tokenizer, as transformers' fast one; what it does not know is ``<unk>``."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    ids = {token: index for index, token in enumerate(vocabulary())}
    inner = Tokenizer(models.WordLevel(ids, unk_token=UNKNOWN))
    inner.pre_tokenizer = pre_tokenizers.Split(Regex(_pattern()), "removed", invert=True)
    inner.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    made = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token=PAD,
        bos_token=BEGIN,
        eos_token=END,
        unk_token=UNKNOWN,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )
    made.chat_template = _TEMPLATE
    return made
