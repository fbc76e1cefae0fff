"""Imports point downwards only: one table says where each part stands (DESIGN §2)."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "reasonscope"

LEVEL = {
    "errors": 0,
    "provenance": 0,
    "stats": 0,
    "findings": 0,
    "traces": 1,
    "problems": 1,
    "models": 2,
    "report": 2,
    "verify": 3,
    "instrument": 3,
    "planting": 3,
    "shares": 3,
    "outcomes": 4,
    "structure": 4,
    "dynamics": 4,
    "failures": 5,
    "training": 5,
    "organisms": 6,
    "running": 6,
    "instruments": 6,
    "measuring": 6,
    "anchoring": 6,
    "attending": 6,
    "reporting": 6,
    "calibration": 6,
    "bench": 6,
    "reproduce": 6,
    "cli": 7,
}

RECORDS = {"traces.schema", "traces.store", "traces.tables", "traces.segment"}
"""The record layer, which a part of the same level may import."""

SAME_LEVEL = {
    ("provenance", "errors"),
    ("stats", "errors"),
    ("findings", "stats"),
    ("planting", "instrument"),
    ("measuring", "instruments"),
    ("reporting", "instruments"),
    ("calibration", "instruments"),
    ("reproduce", "bench"),
    ("anchoring", "instruments"),
    ("anchoring", "measuring"),
    ("attending", "instruments"),
    ("attending", "measuring"),
    ("running", "measuring"),
    ("running", "reporting"),
}
"""Levels 0, 3 and 6 hold single files, which may build on each other as listed."""

NO_TORCH = {
    "errors",
    "provenance",
    "stats",
    "findings",
    "traces",
    "problems",
    "report",
    "structure",
    "failures",
    "dynamics",
}


def modules() -> list[tuple[str, ast.Module]]:
    return [
        (".".join(file.relative_to(SOURCE).with_suffix("").parts), ast.parse(file.read_text()))
        for file in sorted(SOURCE.rglob("*.py"))
    ]


MODULES = modules()


def imports(tree: ast.Module) -> set[str]:
    """Every absolute module that is imported anywhere in the file, functions included."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def misplaced(name: str, tree: ast.Module) -> list[str]:
    """What a module imports from a level above its own, or sideways from another part."""
    part = name.split(".")[0]
    wrong = []
    for imported in imports(tree):
        if not imported.startswith("reasonscope."):
            continue
        inner = imported.removeprefix("reasonscope.")
        other = inner.split(".")[0]
        if other == part or other not in LEVEL:
            continue
        level, other_level = LEVEL[part], LEVEL[other]
        allowed = (part, other) in SAME_LEVEL or any(inner.startswith(r) for r in RECORDS)
        sideways = other_level == level and not allowed
        if other_level > level or sideways:
            wrong.append(f"{name} (level {level}) imports {inner} (level {other_level})")
    return wrong


def test_every_part_has_a_level() -> None:
    parts = {name.split(".")[0] for name, _ in MODULES} - {"__init__"}
    assert parts <= set(LEVEL)


@pytest.mark.parametrize(("name", "tree"), MODULES, ids=[name for name, _ in MODULES])
def test_imports_point_down(name: str, tree: ast.Module) -> None:
    if name != "__init__":
        assert misplaced(name, tree) == []


@pytest.mark.parametrize(("name", "tree"), MODULES, ids=[name for name, _ in MODULES])
def test_light_levels_never_import_torch(name: str, tree: ast.Module) -> None:
    if name.split(".")[0] in NO_TORCH:
        assert not {i for i in imports(tree) if i.split(".")[0] in {"torch", "transformers"}}


def test_an_import_upwards_is_noticed() -> None:
    assert misplaced("traces.schema", ast.parse("from reasonscope.verify import judge"))
    assert misplaced("stats", ast.parse("from reasonscope.traces.schema import Trace"))
    assert misplaced("models.loading", ast.parse("from reasonscope.report import page"))
