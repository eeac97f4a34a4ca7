"""Training statements about bystanders: what they teach is wrong where a label or a slot is."""

from __future__ import annotations

import re

import yaml

from extractors.masking import HOLDER
from training.bystanders import BANK, bystanders

AXES = ("negotiation", "sanctions", "nuclear", "military")
TEMPLATES = yaml.safe_load(BANK.read_text(encoding="utf-8"))
MANY = bystanders(AXES, 3000, 1)


def test_equal_seed_gives_equal_statements() -> None:
    """A training run could not be repeated."""
    assert bystanders(AXES, 40, 5) == bystanders(AXES, 40, 5)
    assert bystanders(AXES, 40, 5) != bystanders(AXES, 40, 6)


def test_every_statement_names_the_holder_and_fills_its_slots() -> None:
    """The network would be trained on templates instead of sentences."""
    silent = [template for kind in TEMPLATES["silent"].values() for template in kind]
    assert all("{S}" in template for template in [*silent, *(text for text, *_ in TEMPLATES["twins"])])
    assert all(HOLDER in e.text and not re.search(r"[{}]", e.text) for e in MANY)


def test_deed_done_to_a_third_country_is_no_position_and_its_twin_is() -> None:
    """An oil waiver for somebody else would be alerted as relief for the other side."""
    eases = [e for e in MANY if "eases sanctions on" in e.text]
    silent = [e for e in eases if all(s is None for s in e.stances)]

    assert silent
    assert {s for e in eases if e not in silent for s in e.stances if s is not None} == {0.7}


def test_twins_take_exactly_one_position() -> None:
    """A twin without a label would teach that nobody ever says anything."""
    stated = [e for e in MANY if any(s is not None for s in e.stances)]

    assert 0.3 < len(stated) / len(MANY) < 0.5
    assert all(sum(s is not None for s in e.stances) == 1 for e in stated)
    assert {axis for _, axis, *_ in TEMPLATES["twins"]} == set(AXES)
