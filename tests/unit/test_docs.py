"""What the documents say is there, and what is there is in the documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from deploy.cli import main
from volteface.config import Config
from volteface.config_file import parse_config

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "NOTICE", "training/README.md")]
DOCUMENTS += sorted((ROOT / "docs").glob("*.md"))
README = DOCUMENTS[0].read_text(encoding="utf-8")
FOLDERS = ("volteface", "extractors", "flows", "deploy", "docs", "tests", "training")
# Not within a longer path or address: ../shared/eval/..., .venv/bin/volteface, https://docs...
_PATH = re.compile(rf"(?<![\w./@:-])(?:(?:{'|'.join(FOLDERS)})/|\.ci/)[\w./*-]*")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
_MODULE = re.compile(rf"python3? -m ((?:{'|'.join(FOLDERS)})(?:\.\w+)+)")
_TARGET = re.compile(r"`?\bmake ([a-z-]+)\b(?=`|\s+#)")


def commands(group: click.Group, path: str = "volteface") -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name; a group that does nothing by itself is none."""
    for name, command in group.commands.items():
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def exists(path: str, document: Path) -> bool:
    """Whether a path, perhaps with `*`, names something below the root or beside the document."""
    path = path.rstrip("./")
    return any(any(base.glob(path)) for base in (ROOT, document.parent))


def file_of(module: str) -> str:
    """The file that `python -m` runs."""
    path = module.replace(".", "/")
    return f"{path}/__main__.py" if (ROOT / path).is_dir() else f"{path}.py"


@pytest.mark.parametrize("name", dict(commands(main)))
def test_command_is_in_the_readme(name: str) -> None:
    """A user could not learn of this command, or of one of its options, without reading code."""
    command = dict(commands(main))[name]
    options = [o for p in command.params if isinstance(p, click.Option) for o in p.opts if o.startswith("--")]
    row = next((line for line in README.splitlines() if re.match(rf"\| `{name}[` ]", line)), "")

    assert row, f"no row for {name} in the table of commands"
    assert [option for option in options if option not in row] == []


def test_readme_has_no_command_that_is_gone() -> None:
    """A user would type a command of the table and be told that there is none."""
    told = re.findall(r"^\| `(volteface [a-z]+(?: [a-z]+)?)", README, re.MULTILINE)

    assert sorted(told) == sorted(dict(commands(main)))


def test_config_sections_are_in_the_readme() -> None:
    """A section of config.yaml would have to be guessed from the file."""
    rows = "\n".join(re.findall(r"^\| (`[^|]*`) \|", README, re.MULTILINE))

    assert [section for section in Config.model_fields if f"`{section}`" not in rows] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_named_files_exist(document: Path) -> None:
    """A reader would look for a file that has moved, or see a broken picture."""
    text = document.read_text(encoding="utf-8")
    named = {*_PATH.findall(text), *_LINK.findall(text)}
    named |= {file_of(module) for module in _MODULE.findall(text)}

    assert [path for path in sorted(named) if not exists(path, document)] == []


def test_named_make_targets_exist() -> None:
    """`No rule to make target` would be the first thing that a newcomer sees."""
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = {target for document in DOCUMENTS for target in _TARGET.findall(document.read_text(encoding="utf-8"))}

    assert {"demo", "test"} <= told
    assert told - rules == set()


def test_architecture_names_every_module() -> None:
    """A newcomer would meet a room that is not on the map."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", prose))))
    modules = [p for folder in FOLDERS[:4] for p in (ROOT / folder).rglob("*.py") if p.stem != "__init__"]

    assert [str(path.relative_to(ROOT)) for path in modules if path.stem not in words] == []


def test_worked_example_of_another_pair_is_valid() -> None:
    """Somebody who follows the README to watch other countries would end in faults of our making."""
    section = README.split("## Another pair of sides")[1].split("\n## ")[0]
    example = yaml.safe_load(section.split("```yaml")[1].split("```")[0])
    pair = re.findall(r"training/pairs/\w+\.yaml", section)[0]
    parts = [yaml.safe_load((ROOT / name).read_text(encoding="utf-8")) for name in ("config.yaml", pair)]
    document = parts[0] | parts[1] | example

    config = parse_config(yaml.safe_dump(document, allow_unicode=True, sort_keys=False))

    assert [side.id for side in config.sides] == ["armenia", "azerbaijan"]
    assert len(config.feeds) == len(config.sides)
