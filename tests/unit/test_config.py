"""The configuration: what a stranger sees when something in it is wrong."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from volteface.config_file import load_config, parse_config
from volteface.errors import ConfigError

SHIPPED = Path(__file__).parents[2] / "config.yaml"
TEXT = SHIPPED.read_text(encoding="utf-8")


def line_of(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def swap(old: str, new: str) -> str:
    assert old in TEXT, old
    return TEXT.replace(old, new, 1)


MISTAKES = {
    "unknown key at the top": (TEXT + "\nslak: {}\n", r"slak: unknown key; did you mean `slack`\?"),
    "unknown key in a feed": (
        swap('outlet: "IRNA"', 'outlett: "IRNA"'),
        r"feeds\[0\]\.outlett: unknown key; did you mean `outlet`\?",
    ),
    "unknown key in a section": (
        swap("default_interval_s: 900", "defualt_interval_s: 900"),
        r"did you mean `default_interval_s`\?",
    ),
    "unknown key in a term of office": (swap("from: 2024-07-28", "form: 2024-07-28"), r"from: is missing"),
    "key twice": (swap("name: Iran\n", "name: Iran\n    name: Persia\n"), r"stands here 2 times"),
    "address without scheme": (
        swap("https://en.irna.ir/rss", "en.irna.ir/rss"),
        r"must be a full web address",
    ),
    "address of a file": (
        swap("https://en.irna.ir/rss", "file:///etc/passwd"),
        r"must be a full web address",
    ),
    "same feed twice": (
        swap("https://president.ir/en/rss", "https://en.irna.ir/rss"),
        r"the same address stands at feeds\[0\]",
    ),
    "same id twice": (swap("id: president_ir", "id: irna"), r"`irna` is taken"),
    "id with capitals": (swap("id: irna", "id: Irna"), r"lower-case letters"),
    "country spelled out": (swap("country: IR", "country: Iran"), r"two capital letters"),
    "language spelled out": (swap("language: en", "language: english"), r"two or three letter code"),
    "ownership unknown": (swap("ownership: state,", "ownership: public,"), r"'state', 'state-aligned'"),
    "overlapping terms": (
        swap("to: 2021-08-02", "to: 2023-08-02"),
        r"Hassan Rouhani .* and Ebrahim Raisi .* overlap",
    ),
    "term that ends before it begins": (
        swap("from: 2021-08-03, to: 2024-05-19", "from: 2024-05-19, to: 2021-08-03"),
        r"is before `from`",
    ),
    "position of an unknown holder": (
        swap("holder: iran_president", "holder: iran_presiden"),
        r"there is no office `iran_presiden`; valid: iran_foreign_ministry",
    ),
    "position on an unknown axis": (swap("axis: negotiation", "axis: talks"), r"there is no axis `talks`"),
    "stance off the scale": (
        swap("value: 0.4\n    since", "value: 4\n    since"),
        r"less than or equal to 1",
    ),
    "rungs out of order": (
        swap("{value: -1.0, name: breaks off talks}", "{value: 0.9, name: breaks off talks}"),
        r"rungs must rise",
    ),
    "date that is none": (swap("since: 2025-02-10", "since: last spring"), r"positions\[0\]\.since"),
    "feed covers an unknown side": (
        swap("covers: [iran]", "covers: [persia]"),
        r"there is no side `persia`; valid: iran, us",
    ),
    "database of another kind": (swap("sqlite:///volteface.db", "mysql://db"), r"sqlite:///FILE or postgres"),
    "database at a port that is none": (
        swap("sqlite:///volteface.db", "postgresql://desk@host:port/news"),
        r"sqlite:///FILE or postgres",
    ),
    "three sides": (
        swap("sides:\n", "sides:\n  - {id: israel, name: Israel}\n"),
        r"sides: .*at most 2 items",
    ),
    "alert closed before it can be walked back": (
        swap("detect:\n", "detect:\n  alert_life_h: 24\n"),
        r"alert_life_h \(24\) must not be less than walk_back_h \(72\)",
    ),
    "updates that do not rise": (
        swap("detect:\n", "detect:\n  updates_at: [4, 2]\n"),
        r"updates_at must rise, but is \[4, 2\]",
    ),
    "schedule in words": (
        swap('poll: "*/10 * * * *"', "poll: every ten minutes"),
        r"schedule\.poll: must be a cron line such as \*/10 \* \* \* \*: wrong number of fields",
    ),
    "schedule with seconds": (
        swap('poll: "*/10 * * * *"', 'poll: "* * * * * *"'),
        r"schedule\.poll: must be a cron line of five fields",
    ),
    "no slack channel": (swap('  channel: "#iran-us"\n', ""), r"slack"),
    "office without a side": (swap("    side: iran\n", ""), r"side: is missing"),
    "no catch-all office": (swap("catch_all: true", "catch_all: false"), r"exactly one office with"),
    "not YAML": ("sides: [", r"not valid YAML"),
    "not a mapping": ("- 1\n", r"at its top level"),
    "empty": ("", r"at its top level"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_explained(name: str) -> None:
    """A stranger who makes this mistake would not learn where it is and what to write instead."""
    text, pattern = MISTAKES[name]

    with pytest.raises(ConfigError) as caught:
        parse_config(text)

    assert re.search(pattern, str(caught.value)), str(caught.value)
    assert re.match(r"config\.yaml(:\d+)?: ", str(caught.value))


def test_fault_names_its_line() -> None:
    """The line in the message would point somewhere else than the fault."""
    text = swap("https://www.presstv.ir/rss.xml", "presstv")

    with pytest.raises(ConfigError, match=rf"config\.yaml:{line_of(text, 'id: press_tv')}: feeds"):
        parse_config(text)


def test_all_faults_are_told_at_once() -> None:
    """A user would have to run again for each of several mistakes."""
    text = swap("https://en.irna.ir/rss", "irna").replace("country: US", "country: Usa")

    with pytest.raises(ConfigError) as caught:
        parse_config(text)

    message = str(caught.value)
    assert "full web address" in message
    assert "two capital letters" in message
    assert re.search(r"\.\.\. and \d+ more", message)


def test_missing_file_names_the_option() -> None:
    """Running in the wrong folder would end in a traceback."""
    with pytest.raises(ConfigError, match="Name another file with --config"):
        load_config(Path("no/such/config.yaml"))


def test_shipped_config_is_what_a_desk_would_run() -> None:
    """The config that we ship would miss a region, a seed position or an office of the contract."""
    config = load_config(SHIPPED)

    assert len(config.feeds) >= 40
    assert {"IR", "US", "GB", "QA", "IL", "FR", "SA", "INT"} <= {feed.country for feed in config.feeds}
    assert {"state", "state-aligned", "independent", "government"} == {f.ownership.value for f in config.feeds}
    assert set(config.axis) == {"negotiation", "sanctions", "nuclear", "military"}
    assert len(config.office) == 12
    assert len(config.positions) >= 9


def test_office_knows_its_holder_by_date() -> None:
    """Two men named Khamenei, and Trump's two terms, would be confused."""
    config = load_config(SHIPPED)

    assert config.in_office("iran_supreme_leader", date(2026, 2, 1)).person == "Ali Khamenei"  # type: ignore[union-attr]
    assert config.in_office("iran_supreme_leader", datetime(2026, 4, 1, tzinfo=UTC)).person == "Mojtaba Khamenei"  # type: ignore[union-attr]
    assert config.in_office("iran_supreme_leader", date(2026, 3, 3)) is None
    assert config.in_office("us_president", date(2023, 1, 1)).person == "Joe Biden"  # type: ignore[union-attr]


def test_rung_is_the_nearest_named_step() -> None:
    """An alert would call an ultimatum a strike."""
    axis = load_config(SHIPPED).axis["military"]

    assert axis.rung(-0.95).name == "strikes"
    assert axis.rung(-0.72).name == "ultimatum or mobilisation"
    assert axis.rung(0.1).name == "neither threat nor restraint"


@pytest.mark.parametrize("pair", sorted((SHIPPED.parent / "training" / "pairs").glob("*.yaml")), ids=lambda p: p.stem)
def test_example_pairs_are_valid(pair: Path) -> None:
    """Whoever starts from one of the nine examples would meet faults that are not his."""
    parts = yaml.safe_load(pair.read_text(encoding="utf-8"))
    document = {**yaml.safe_load(TEXT), "positions": [], **parts}
    document["feeds"] = [{**document["feeds"][0], "covers": [parts["sides"][0]["id"]]}]

    assert parse_config(yaml.safe_dump(document, sort_keys=False)).sides[0].id == parts["sides"][0]["id"]
