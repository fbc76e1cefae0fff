"""Public things say what they give: every public module, class and function has a docstring."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "reasonscope"
FILES = sorted(SOURCE.rglob("*.py"))
LONGEST = 400
BANNED = {"utils", "helpers", "common", "base", "types"}


def undocumented(tree: ast.Module) -> list[str]:
    """Public definitions without a docstring, and record fields without a line under them."""
    missing = [] if ast.get_docstring(tree) else ["module"]
    inner = _nested(tree)
    return missing + [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not node.name.startswith("_")
        and node not in inner
        and not ast.get_docstring(node)
    ]


def _nested(tree: ast.Module) -> set[ast.AST]:
    """Definitions inside functions: they are not public."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if inner is not node
    }


@pytest.mark.parametrize("file", FILES, ids=[str(f.relative_to(SOURCE)) for f in FILES])
def test_public_things_are_documented(file: Path) -> None:
    assert undocumented(ast.parse(file.read_text())) == []


@pytest.mark.parametrize("file", FILES, ids=[str(f.relative_to(SOURCE)) for f in FILES])
def test_files_stay_readable(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LONGEST, "a part that grew becomes a folder"
    assert file.stem not in BANNED, "what has no home is not understood yet"


def test_a_missing_docstring_is_noticed() -> None:
    assert undocumented(ast.parse('"""M."""\ndef f(): pass')) == ["f"]
    assert undocumented(ast.parse("x = 1")) == ["module"]
