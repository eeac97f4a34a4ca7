"""The arrows of the house: deploy → flows → {extractors, volteface}, extractors → volteface."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAY_IMPORT = {
    "volteface": set(),
    "extractors": {"volteface"},
    "flows": {"extractors", "volteface"},
    "deploy": {"flows", "extractors", "volteface"},
}
EXTRACTORS_MAY_TAKE = {"volteface.types", "volteface.config", "volteface.errors"}
ONLY_IN = {
    "prefect": {"flows", "deploy"},
    "torch": {"extractors"},
    "sentence_transformers": {"extractors"},
    "transformers": {"extractors"},
    "feedparser": {"volteface/parse.py"},
    "apprise": {"volteface/fallback.py"},
    "slack_sdk": {"volteface/slack_send.py", "volteface/slack_socket.py", "volteface/slack_webhook.py"},
    "sqlalchemy": {"volteface/store", "volteface/config_file.py"},
    "alembic": {"volteface/store"},
}


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: relative import; this house names its modules in full"
            yield node.lineno, node.module or ""


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_arrows_point_one_way(folder: str) -> None:
    """The core could no longer be used or tested without Prefect or without a model."""
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {module}"
        for path in sources(folder)
        for line, module in imports(path)
        if (head := module.split(".")[0]) in MAY_IMPORT and head != folder and head not in MAY_IMPORT[folder]
    ]

    assert wrong == []


def test_extractors_know_only_nouns_config_and_errors() -> None:
    """An instrument that reaches into the store or the feeds could not be replaced by another."""
    wrong = [
        f"{path.name}:{line} imports {module}"
        for path in sources("extractors")
        for line, module in imports(path)
        if module.startswith("volteface") and module not in EXTRACTORS_MAY_TAKE
    ]

    assert wrong == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_library_stays_in_its_room(library: str) -> None:
    """Replacing a library would touch more than the one place that wraps it."""
    wrong = [
        f"{name}:{line} imports {module}"
        for folder in MAY_IMPORT
        for path in sources(folder)
        for line, module in imports(path)
        if module.split(".")[0] == library
        and not any((name := str(path.relative_to(ROOT))).startswith(room) for room in ONLY_IN[library])
    ]

    assert wrong == []


def test_files_and_functions_stay_small() -> None:
    """A newcomer could not read a module in one sitting."""
    long_files, long_functions = [], []
    for folder in MAY_IMPORT:
        for path in sources(folder):
            text = path.read_text(encoding="utf-8")
            if text.count("\n") > 300:
                long_files.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    size = (node.end_lineno or node.lineno) - node.lineno + 1
                    if size > 60:
                        long_functions.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {size} lines")

    assert long_files == []
    assert long_functions == []


def test_every_test_says_what_would_break() -> None:
    """A failing test would not tell what a user loses."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources("tests")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]

    assert silent == []
