"""config.yaml to `Config`; every fault becomes a line that says where, what and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from volteface.config import COUNTRY_FORM, ID_FORM, LANGUAGE_FORM, Config, Office, Person
from volteface.errors import ConfigError

Location = tuple[str | int, ...]
SHOWN = 10
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C one is ten times as fast, where PyYAML was built with it."""
_FORMS = {
    ID_FORM: "ids are 2 to 41 lower-case letters, digits and underscores, and begin with a letter",
    LANGUAGE_FORM: "a language is its two or three letter code, such as en or fa",
    COUNTRY_FORM: "a country is its two capital letters, such as IR, or INT for an international body",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake at one place of the document."""

    at: Location
    message: str


def load_config(path: Path) -> Config:
    """Read and check a configuration.

    Raises:
        ConfigError: the file is missing, is no YAML, or breaks a rule. The message lists up to ten faults, each with
            its line and its remedy.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}. Name another file with --config.") from error
    return parse_config(text, str(path))


def parse_config(text: str, name: str = "config.yaml") -> Config:
    """Like `load_config`, for text at hand; `name` stands before each line number."""
    root, values = _read(text, name)
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        faults = [_explain(e) for e in error.errors()]
        raise ConfigError(_report(faults, root, name)) from error
    if faults := list(_cross_check(config)):
        raise ConfigError(_report(faults, root, name))
    return config


def _read(text: str, name: str) -> tuple[yaml.Node, Any]:
    """The document as nodes, which know their lines, and as values."""
    try:
        root = _compose(text, name)
        return root, yaml.load(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise ConfigError(f"{name}:{line}: not valid YAML: {error.problem}. Check indentation and quotes.") from error
    except RecursionError as error:
        raise ConfigError(f"{name}: not valid YAML: nested too deeply, or an alias (`*name`) within itself") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-13-40, a number of 5,000 digits
        raise ConfigError(f"{name}: not valid YAML: {error}") from error


def _compose(text: str, name: str) -> yaml.Node:
    root = yaml.compose(text, Loader=LOADER)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{name}: the file must hold keys such as `sides:` and `feeds:` at its top level")
    if twice := list(_duplicate_keys(root, ())):
        raise ConfigError(_report(twice, root, name))
    return root


def _duplicate_keys(node: yaml.Node, at: Location) -> Iterator[Fault]:
    """YAML keeps the last of two equal keys in silence; a person meant both."""
    if isinstance(node, yaml.MappingNode):
        for key, count in Counter(str(k.value) for k, _ in node.value).items():
            if count > 1:
                yield Fault((*at, key), f"the key `{key}` stands here {count} times; keep one")
        for key_node, value in node.value:
            yield from _duplicate_keys(value, (*at, str(key_node.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _duplicate_keys(value, (*at, index))


def _line(root: yaml.Node, at: Location) -> int:
    """The line (from 1) of a place, or of the nearest place above it that stands in the file."""
    node, line = root, root.start_mark.line
    for part in at:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == part]
            if not found:
                break
            line, node = found[-1][0].start_mark.line, found[-1][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
    return line + 1


def _report(faults: Sequence[Fault], root: yaml.Node, name: str) -> str:
    lines = [f"{name}:{_line(root, f.at)}: {_path(f.at)}{f.message}" for f in faults[:SHOWN]]
    if len(faults) > SHOWN:
        lines.append(f"... and {len(faults) - SHOWN} more")
    return "\n".join(lines)


def _path(at: Location) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
    return f"{path}: " if path else ""


def _explain(error: Any) -> Fault:
    at: Location = tuple(error["loc"])
    if error["type"] == "extra_forbidden":
        return Fault(at, _unknown_key(str(at[-1]), _keys_of(at[:-1])))
    if error["type"] == "missing":
        return Fault(at, "is missing and has no default; add it")
    if error["type"] == "string_pattern_mismatch":
        return Fault(at, f"{error['input']!r} has the wrong form; {_FORMS[error['ctx']['pattern']]}")
    given = "" if isinstance(error["input"], dict | list) else f" (given: {error['input']!r})"
    message = error["msg"].removeprefix("Value error, ")
    return Fault(at, f"{message[:1].lower()}{message[1:]}{given}")


def _unknown_key(key: str, valid: Sequence[str]) -> str:
    near = get_close_matches(key, valid, n=1)
    hint = f"did you mean `{near[0]}`? " if near else ""
    return f"unknown key; {hint}valid keys: {', '.join(valid)}"


def _keys_of(at: Location) -> list[str]:
    """The keys that the model at this place accepts, as they are written in the file."""
    model: type[BaseModel] = Config
    for part in at:
        if isinstance(part, str):
            model = _model_below(model, part)
    return sorted(field.alias or name for name, field in model.model_fields.items())


def _model_below(model: type[BaseModel], key: str) -> type[BaseModel]:
    kind: Any = next((f.annotation for n, f in model.model_fields.items() if key in (n, f.alias)), model)
    return next((a for a in (kind, *get_args(kind)) if _is_model(a)), model)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _cross_check(config: Config) -> Iterator[Fault]:
    """What no single part of the document can see."""
    yield from _repeated(config)
    yield from _dangling(config)
    yield from _database(config)
    for index, office in enumerate(config.offices):
        yield from _overlaps(index, office)
    for side in config.sides:
        catchers = [o.id for o in config.offices if o.side == side.id and o.catch_all]
        if len(catchers) != 1:
            count = " and ".join(catchers) or "none"
            yield Fault(
                ("offices",),
                f"side `{side.id}` needs exactly one office with `catch_all: true`, but has {count}",
            )
    if not any(feed.enabled for feed in config.feeds):
        yield Fault(("feeds",), "every feed is disabled; enable at least one")
    if config.poll.min_interval_s > config.poll.max_interval_s:
        yield Fault(("poll", "min_interval_s"), "must not be greater than poll.max_interval_s")


def _repeated(config: Config) -> Iterator[Fault]:
    for section in ("sides", "offices", "axes", "feeds"):
        ids = [item.id for item in getattr(config, section)]
        for index, one in enumerate(ids):
            if one in ids[:index]:
                yield Fault((section, index, "id"), f"`{one}` is taken by an earlier entry; ids must differ")
    urls = [feed.url for feed in config.feeds]
    for index, url in enumerate(urls):
        if url in urls[:index]:
            yield Fault(("feeds", index, "url"), f"the same address stands at feeds[{urls.index(url)}]; remove one")
    pairs = [(p.holder, p.axis) for p in config.positions]
    for index, pair in enumerate(pairs):
        if pair in pairs[:index]:
            yield Fault(("positions", index), f"{pair[0]} already has a position on {pair[1]}; merge the two rows")


def _dangling(config: Config) -> Iterator[Fault]:
    sides, offices, axes = ({x.id for x in xs} for xs in (config.sides, config.offices, config.axes))
    for i, office in enumerate(config.offices):
        if office.side not in sides:
            yield Fault(("offices", i, "side"), _unknown_id(office.side, sides, "side"))
    for i, position in enumerate(config.positions):
        if position.holder not in offices:
            yield Fault(("positions", i, "holder"), _unknown_id(position.holder, offices, "office"))
        if position.axis not in axes:
            yield Fault(("positions", i, "axis"), _unknown_id(position.axis, axes, "axis"))
    for i, feed in enumerate(config.feeds):
        for side in feed.covers:
            if side not in sides:
                yield Fault(("feeds", i, "covers"), _unknown_id(side, sides, "side"))


def _unknown_id(given: str, valid: set[str], kind: str) -> str:
    return f"there is no {kind} `{given}`; valid: {', '.join(sorted(valid))}"


def _overlaps(index: int, office: Office) -> Iterator[Fault]:
    heads = [(i, p) for i, p in enumerate(office.people) if p.head]
    for (_, first), (i, second) in combinations(heads, 2):
        if _meet(first, second):
            yield Fault(
                ("offices", index, "people", i),
                f"the terms of {first.person} ({_term(first)}) and {second.person} ({_term(second)}) overlap; "
                "end one the day before the other begins",
            )


def _meet(a: Person, b: Person) -> bool:
    return (b.until is None or a.since <= b.until) and (a.until is None or b.since <= a.until)


def _term(person: Person) -> str:
    return f"{person.since} to {person.until or 'today'}"


def _database(config: Config) -> Iterator[Fault]:
    try:
        backend = make_url(config.database).get_backend_name()
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        yield Fault(("database",), "must be sqlite:///FILE or postgresql://USER@HOST/NAME")
