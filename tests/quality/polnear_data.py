"""PolNeAR's articles: brat stand-off annotations beside plain texts, from a folder, an archive in it, or .ann files."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROLES = ("source", "cue", "content")
WORD = re.compile(r"\w+")

Words = frozenset[int]
"""Places of words in an article: a span as a set, so that quotation marks and blanks at its ends do not count."""
Span = tuple[int, int]

_ANNOTATOR = re.compile(r"_[0-9a-f]{4}$")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Source, cue and content, each empty where there is none."""

    source: Words
    cue: Words
    content: Words


@dataclass(frozen=True, slots=True)
class Article:
    """A text and the attributions in it."""

    name: str
    text: str
    gold: tuple[Attribution, ...]


def articles(paths: Iterable[Path], part: str = "dev") -> list[Article]:
    """The annotated articles, by name, the first annotator's where there are several.

    Of a tree that has a folder `part`, only what lies in it. Raises ValueError where there are none.
    """
    files = {name: text for path in paths for name, text in _files(path)}
    if any(part in PurePosixPath(name).parts for name in files):
        files = {name: text for name, text in files.items() if part in PurePosixPath(name).parts}
    texts = {PurePosixPath(name).stem: text for name, text in files.items() if name.endswith(".txt")}
    found: dict[str, Article] = {}
    for name in sorted(n for n in files if n.endswith(".ann")):
        stem = _ANNOTATOR.sub("", PurePosixPath(name).stem)
        if stem in texts and stem not in found:
            found[stem] = Article(stem, texts[stem], tuple(_attributions(texts[stem], files[name])))
    if not found:
        raise ValueError("no .ann file with a text of the same name")
    return list(found.values())


def _files(path: Path) -> Iterator[tuple[str, str]]:
    if path.is_dir():
        for inner in sorted([*path.rglob("*.ann"), *path.rglob("*.txt"), *path.rglob("*.tar.xz")]):
            yield from _files(inner)
    elif path.name.endswith(".tar.xz"):
        with tarfile.open(path) as archive:
            for member in archive:
                data = archive.extractfile(member) if member.name.endswith((".ann", ".txt")) else None
                if data:
                    yield member.name, data.read().decode("utf-8")
    else:
        yield path.as_posix(), path.read_bytes().decode("utf-8")
        for text in sorted((path.parent.parent / "text").glob("*.txt")) if path.suffix == ".ann" else ():
            yield text.as_posix(), text.read_bytes().decode("utf-8")


def _attributions(text: str, annotations: str) -> Iterator[Attribution]:
    at = [(m.start(), m.end()) for m in WORD.finditer(text)]
    spans: dict[str, Words] = {}
    for line in annotations.splitlines():
        name, _, rest = line.partition("\t")
        if name.startswith("T"):
            places = [(int(a), int(b)) for a, b in re.findall(r"(\d+) (\d+)", rest.partition("\t")[0])]
            spans[name] = words_in(at, places)
    for line in annotations.splitlines():
        kind, *roles = line.partition("\t")[2].split()
        if line.startswith("E") and kind.startswith("Attribution"):
            yield _attribution(roles, spans)


def _attribution(roles: Iterable[str], spans: Mapping[str, Words]) -> Attribution:
    found: dict[str, Words] = dict.fromkeys(ROLES, frozenset())
    for role in roles:
        kind, _, name = role.partition(":")
        kind = kind.rstrip("0123456789").lower()
        if kind in found:
            found[kind] |= spans.get(name, frozenset())
    return Attribution(found["source"], found["cue"], found["content"])


def words_in(at: Iterable[Span], spans: Iterable[Span]) -> Words:
    """The places of the words that overlap any of some character spans."""
    spans = list(spans)
    return frozenset(i for i, (start, end) in enumerate(at) if any(a < end and start < b for a, b in spans))
