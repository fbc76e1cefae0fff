"""Settings of a training run from a TOML file and flags, checked all at once, and pinned.

A record of settings is a frozen dataclass with a docstring line under each field. Its constructor
checks ranges and raises one :class:`SetupError` that lists all it found. Flags are texts, as the
command line gives them, or values, as Python does; they go before the file.
"""

import ast
import difflib
import json
import math
import os
import tomllib
import types
import typing
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from reasonscope.errors import SetupError

Record = TypeVar("Record")

PINNED = "settings.json"
"""The file in a run's folder that holds the settings it was begun with."""

FREE = frozenset(
    {"out", "threads", "save_every", "keep_checkpoints", "log_every", "device", "batch"}
)
"""Settings that a run may go on with changed: they say how, not what."""


def from_sources(
    record: type[Record], toml: str | Path | None = None, flags: Mapping[str, Any] | None = None
) -> Record:
    """A record of settings from a file overlaid by flags.

    Raises:
        SetupError: all that is wrong at once: unknown names (with the nearest known one), wrong
            types, missing and impossible values.
    """
    (held,) = several_from_sources((record,), toml, flags)
    return typing.cast(Record, held)


def several_from_sources(
    records: Sequence[type],
    toml: str | Path | None = None,
    flags: Mapping[str, Any] | None = None,
) -> list[Any]:
    """As :func:`from_sources`, for records that share one file and one command line."""
    wrong: list[str] = []
    given = {**_read_toml(toml, wrong), **(flags or {})}
    known = {field.name for record in records for field in fields(record)}
    for name in sorted(set(given) - known):
        wrong.append(f"there is no setting '{name}'{_nearest(name, known)}")
    held = [_build(record, given, wrong) for record in records]
    if wrong:
        raise SetupError("these settings cannot train", wrong)
    return held


def _read_toml(toml: str | Path | None, wrong: list[str]) -> dict[str, Any]:
    if toml is None:
        return {}
    try:
        read = tomllib.loads(Path(toml).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        wrong.append(f"the file '{toml}' cannot be read: {error}")
        return {}
    return {name.replace("-", "_"): value for name, value in read.items()}


def _nearest(name: str, known: set[str]) -> str:
    """What may have been meant.

    >>> _nearest("learnign_rate", {"learning_rate", "seed"})
    "; did you mean 'learning_rate'?"
    """
    found = difflib.get_close_matches(name, sorted(known), 1)
    return f"; did you mean '{found[0]}'?" if found else f"; there are: {', '.join(sorted(known))}"


def _build(record: type, given: Mapping[str, Any], wrong: list[str]) -> Any:
    """The record, or what it lacks in ``wrong``; ranges are checked even where a type is wrong."""
    hints = typing.get_type_hints(record)
    values: dict[str, Any] = {}
    for field in fields(record):
        if field.name in given:
            try:
                values[field.name] = typed(given[field.name], hints[field.name])
                continue
            except ValueError as error:
                wrong.append(f"{field.name} must be {error}")
        elif _is_required(field):
            flag = field.name.replace("_", "-")
            wrong.append(f"{field.name} is missing: give --{flag}, or {field.name} = … in the file")
        if _is_required(field):
            values[field.name] = "."
    try:
        return record(**values)
    except SetupError as error:
        wrong.extend(error.problems or [str(error)])
        return None


def _is_required(field: "Field[Any]") -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def typed(value: Any, hint: Any) -> Any:
    """A value or its text as a field's type; ValueError says what was expected.

    >>> typed("1e-3", float), typed("none", int | None), typed("outcome=1,steps=0.5", Mapping)
    (0.001, None, {'outcome': 1.0, 'steps': 0.5})
    """
    origin, choices = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if type(None) in choices and (value is None or value == "none"):
            return None
        hint = next((one for one in choices if one in (str, Path)), choices[0])
        origin = typing.get_origin(hint)
    if origin is Literal:
        return _text(value)
    if hint is Mapping or origin in (Mapping, dict):
        return _weights(value)
    return _PLAIN[hint](value)


def _text(value: Any) -> str:
    if not isinstance(value, str | Path):
        raise ValueError(f"text, found {value!r}")
    return str(value)


def _whole(value: Any) -> int:
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError(f"a whole number, found {value!r}")
    return number


def _number(value: Any) -> float:
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        number = math.nan
    if math.isnan(number):
        raise ValueError(f"a number, found {value!r}")
    return number


def _truth(value: Any) -> bool:
    held = {"true": True, "yes": True, "false": False, "no": False}.get(str(value).lower())
    if held is None:
        raise ValueError(f"true or false, found {value!r}")
    return held


def _weights(value: Any) -> dict[str, float]:
    """``outcome=1,steps=0.5`` or a table; a name alone weighs 1."""
    if isinstance(value, str):
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        value = {name.strip(): weight or "1" for name, _, weight in pairs}
    if not isinstance(value, Mapping):
        raise ValueError(f"NAME=WEIGHT,… or a table, found {value!r}")
    try:
        return {str(name): _number(weight) for name, weight in value.items()}
    except ValueError as error:
        raise ValueError(f"NAME=WEIGHT,… where each weight is {error}") from None


_PLAIN: dict[Any, Any] = {str: _text, Path: _text, int: _whole, float: _number, bool: _truth}


def flags_of(arguments: Sequence[str]) -> dict[str, str]:
    """Flags as a command line holds them: ``--name value``, ``--name=value``, ``--switch``.

    >>> flags_of(["--learning-rate", "1e-3", "--keep-order", "--seed=-1"])
    {'learning_rate': '1e-3', 'keep_order': 'true', 'seed': '-1'}
    >>> flags_of(["--no-scale"])
    {'scale': 'false'}
    """
    held: dict[str, str] = {}
    wrong = []
    remaining = list(arguments)
    while remaining:
        word = remaining.pop(0)
        if not _is_flag(word):
            wrong.append(f"'{word}' is not a setting: settings are written --name value")
            continue
        name, assigned, value = word.lstrip("-").partition("=")
        if not assigned and remaining and not _is_flag(remaining[0]):
            value = remaining.pop(0)
        elif not assigned and name.startswith("no-"):
            name, value = name.removeprefix("no-"), "false"
        elif not assigned:
            value = "true"
        held[name.replace("-", "_")] = value
    if wrong:
        raise SetupError("the command line cannot be read", wrong)
    return held


def _is_flag(word: str) -> bool:
    """Whether a word names a setting; a negative number is a value."""
    return word.startswith("-") and word.lstrip("-")[:1].isalpha()


def described(source: Path, record: str) -> list[tuple[str, str, str]]:
    """Name, default and docstring line of each field, read from source without running it.

    So a command's help costs no import of what the settings are for.
    """
    tree = ast.parse(source.read_text(encoding="utf-8"))
    body = next(n.body for n in tree.body if isinstance(n, ast.ClassDef) and n.name == record)
    told = []
    for place, node in enumerate(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            line = _line_under(body[place + 1 : place + 2])
            told.append((node.target.id, _default(node.value), line))
    return told


def _default(value: ast.expr | None) -> str:
    """A default as it is written; of one that is made anew each time, what is made."""
    match value:
        case None:
            return ""
        case ast.Call(keywords=[ast.keyword(arg="default_factory", value=ast.Lambda(body=made))]):
            return ast.unparse(made)
        case _:
            return ast.unparse(value)


def _line_under(nodes: list[ast.stmt]) -> str:
    for node in nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return " ".join(str(node.value.value).split())
    return ""


# -- the settings that a run was begun with ----------------------------------------------


def pin(out: str | Path, settings: Any, **also: Any) -> None:
    """Write a run's settings into its folder; on the next call, refuse others.

    Args:
        out: The run's folder.
        settings: The record.
        **also: What else makes the run what it is, such as a hash of its examples.

    Raises:
        SetupError: The run in that folder was begun with other settings; it says which.
    """
    now = _as_json({**{f.name: getattr(settings, f.name) for f in fields(settings)}, **also})
    file = Path(out) / PINNED
    if not file.exists():
        _write(file, now)
        return
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(f"cannot read '{file}': {error}. Choose another --out.") from None
    names = sorted((set(before) | set(now)) - FREE)
    differ = [
        f"{name}: the run has {before.get(name)!r}, this command {now.get(name)!r}"
        for name in names
        if before.get(name) != now.get(name)
    ]
    if differ:
        raise SetupError(
            f"the run in '{out}' was begun with other settings; give the same to go on, or "
            "another --out",
            differ,
        )


def _as_json(held: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(dict(held), default=str))
    return plain


def _write(file: Path, held: Any) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(held, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        os.replace(temporary, file)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise SetupError(f"cannot write '{file}': {error.strerror}; choose another --out") from None
