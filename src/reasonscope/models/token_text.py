"""Where each token ends in the text that it decodes to, in characters."""

import codecs
import json
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any


def token_ends(tokenizer: Any, token_ids: Sequence[int], text: str) -> tuple[int, ...] | None:
    """End of each token in ``text``, in characters; None where the tokens do not spell the text.

    A character spread over several tokens ends with its last; the others end where it starts.
    Byte-level and byte-fallback tokenizers are followed byte by byte, in linear time; others by
    decoding neighbours in pairs, which is checked against the text's length.

    Args:
        tokenizer: A transformers tokenizer.
        token_ids: The tokens that ``text`` was decoded from.
        text: The tokenizer's own decoding of all of them, special tokens kept.

    Returns:
        One end for each token, non-decreasing, the last at the text's end.
    """
    spell = _speller(tokenizer)
    if spell is not None:
        return _ends_of_bytes([spell(token) for token in token_ids], text)
    return _ends_of_pairs(lambda ids: decode(tokenizer, ids), token_ids, text)


def decode(tokenizer: Any, token_ids: Sequence[int]) -> str:
    """The text of tokens as they are: special tokens and white space kept."""
    return str(
        tokenizer.decode(
            list(token_ids), skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
    )


def ends_of_bytes(pieces: Iterable[bytes]) -> tuple[str, tuple[int, ...]]:
    r"""The text that pieces of UTF-8 spell, and where each ends in it, in characters.

    Bytes that are not UTF-8 become U+FFFD, as in the tokenizers themselves.

    >>> ends_of_bytes([b"a", b"\xc3", b"\xa9", b"!"])
    ('aé!', (1, 1, 2, 3))
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    parts = [decoder.decode(piece) for piece in pieces]
    ends = list(accumulate(len(part) for part in parts))
    rest = decoder.decode(b"", final=True)
    if ends:
        ends[-1] += len(rest)
    return "".join(parts) + rest, tuple(ends)


def _ends_of_bytes(pieces: Sequence[bytes], text: str) -> tuple[int, ...] | None:
    spelt, ends = ends_of_bytes(pieces)
    if spelt == text:
        return ends
    if spelt == " " + text:  # SentencePiece decoders drop the space that opens a text
        return tuple(max(0, end - 1) for end in ends)
    return None


def _ends_of_pairs(
    decoded: Callable[[Sequence[int]], str], token_ids: Sequence[int], text: str
) -> tuple[int, ...] | None:
    if not token_ids:
        return ()
    ends = [len(decoded(token_ids[:1]))]
    for pair in pairwise(token_ids):
        ends.append(ends[-1] + len(decoded(pair)) - len(decoded(pair[:1])))
    rising = all(a <= b for a, b in pairwise([0, *ends]))
    return tuple(ends) if rising and ends[-1] == len(text) else None


def _speller(tokenizer: Any) -> Callable[[int], bytes] | None:
    """What spells a token as bytes; None: the tokenizer does not work on bytes."""
    kinds = set(_kinds(_decoder_settings(tokenizer)))
    if "ByteLevel" in kinds:
        spell = _spell_byte_level
    elif "ByteFallback" in kinds:
        spell = _spell_byte_fallback
    else:
        return None
    added = {i: str(token).encode() for i, token in tokenizer.added_tokens_decoder.items()}
    return lambda i: added[i] if i in added else spell(tokenizer.convert_ids_to_tokens(i))


def _decoder_settings(tokenizer: Any) -> Any:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    decoder = getattr(backend, "decoder", None)
    return {} if decoder is None else json.loads(decoder.__getstate__())


def _kinds(settings: Any) -> Iterable[str]:
    if isinstance(settings, dict) and "type" in settings:
        yield settings["type"]
        for inner in settings.get("decoders", ()):
            yield from _kinds(inner)


def _byte_alphabet() -> dict[str, int]:
    """The printable character that stands for each byte in byte-level vocabularies.

    Bytes that print in Latin-1 stand for themselves; the others take the characters from 256
    on, in order (GPT-2's table).
    """
    printing = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (byte for byte in range(256) if byte not in set(printing))
    return {chr(byte): byte for byte in printing} | {
        chr(256 + place): byte for place, byte in enumerate(others)
    }


_BYTE = _byte_alphabet()


def _spell_byte_level(token: str | None) -> bytes:
    if token is None:
        return b""
    if all(character in _BYTE for character in token):
        return bytes(_BYTE[character] for character in token)
    return token.encode()


def _spell_byte_fallback(token: str | None) -> bytes:
    if token is None:
        return b""
    if len(token) == 6 and token.startswith("<0x") and token.endswith(">"):
        return bytes.fromhex(token[3:5])
    return token.replace("▁", " ").encode()
