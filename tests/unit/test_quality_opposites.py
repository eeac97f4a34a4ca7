"""The generators with labels by construction: what they make must be what the figures say it is."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import yaml
from quality import opposites, plover_data

CORPUS = Path(opposites.__file__).parents[2] / "training" / "corpus"


def test_no_template_stands_in_the_training_corpus() -> None:
    """The share of opposites told apart would be a figure of memory, not of reading."""
    texts = "\n".join(
        json.loads(line)["text"]
        for file in sorted(CORPUS.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line
    )
    bank = yaml.safe_load(opposites.TEMPLATES.read_text(encoding="utf-8"))
    halves = [half.strip() for _, _, template in opposites._slots(bank) for half in template.split("|")]
    forms = [re.sub(r"\\{(A|B|it)\\}", ".{1,40}", re.escape(half).replace(r"\ ", " ")) for half in halves]
    assert len(forms) > 60
    assert [form for form in forms if re.search(form, texts, re.I)] == []


def test_pairs_are_the_same_for_a_seed_and_never_twice() -> None:
    """Two runs of the gate would judge different sentences, or count one sentence often."""
    drawn = opposites.pairs(200, 3)
    assert drawn == opposites.pairs(200, 3)
    assert len({(p.towards, p.away) for p in drawn}) == 200
    assert all(p.towards != p.away for p in drawn)


def test_every_axis_is_asked_about() -> None:
    """An axis could be lost without the figure falling."""
    counts = Counter(p.axis for p in opposites.pairs(300, 0))
    assert counts.keys() == {"negotiation", "sanctions", "nuclear", "military"}
    assert min(counts.values()) > 40


def test_only_both_signs_right_count() -> None:
    """A reader that always says `away` would look half good."""
    (pair,) = opposites.pairs(1, 0)
    holder = {"iran": "iran_gov", "us": "us_gov"}[pair.side]
    away = {f"{pair.id}{mark}": [(holder, pair.axis, -1)] for mark in "+-"}
    assert opposites.score([pair], away)["pairs"] == 0.0
    both = {**away, f"{pair.id}+": [(holder, pair.axis, 1)]}
    assert opposites.score([pair], both)["pairs"] == 1.0


def test_generated_events_mark_source_and_target() -> None:
    """The PLOVER model would train on sentences that do not say who did what to whom."""
    rows = plover_data.generated(0, 30)
    assert Counter(row.root for row in rows) == dict.fromkeys(plover_data.ROOTS, 30)
    assert all("<s>" in row.text and "</s>" in row.text for row in rows)
    assert sum("<t>" in row.text for row in rows) > 0.95 * len(rows)
    assert not any("{T}" in row.text for row in rows)
