"""Sentences as exact spans of a text."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.sentences import MAX_SENTENCES, split, without_suffix


def pieces(text: str) -> list[str]:
    """The sentences' texts."""
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Talks ended. Nobody spoke.", 2),
        ("The U.S. Navy left port. It did not return.", 2),
        ("He met the U.S. envoy at 9 a.m. on Monday.", 1),
        ("Gen. Smith and Dr. Jones agreed.", 1),
        ("“We will go.” She paused. “Or stay.”", 3),
        ("A headline without a stop\n\nThe first sentence. The second.", 3),
        ("Is it over? No! It goes on…", 3),
        ("Prices rose 3.5 percent to $1.20 a litre.", 1),
        ("", 0),
        ("  \n \t ", 0),
    ],
)
def test_splits_where_a_reader_would(text: str, count: int) -> None:
    """A split at `U.S.` would tear the holder from what it does; a missed stop would mix two holders."""
    assert len(pieces(text)) == count


@given(st.text(max_size=400))
def test_spans_are_exact_and_in_order(text: str) -> None:
    """A quote that is not a span of the article would be an invented quote in an alert."""
    spans = split(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)


def test_long_text_is_bounded() -> None:
    """A megabyte of page must not hold up the desk."""
    start = time.monotonic()
    assert len(split("One more. " * 100_000)) <= MAX_SENTENCES
    assert max(end - begin for begin, end in split("word " * 200_000)) <= 1_000
    assert split("x" * 1_000_000)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("headline", "kept"),
    [
        ("Norland and Sudria agree to a truce - The Daily Gazette", "Norland and Sudria agree to a truce"),
        ("Norland and Sudria agree to a truce | World News | The Gazette", "Norland and Sudria agree to a truce"),
        ("Norland says talks are over - and that it means it", "Norland says talks are over - and that it means it"),
    ],
)
def test_outlet_suffix_is_left_out(headline: str, kept: str) -> None:
    """`- Washington Post` after a headline must not make Washington the one who acts."""
    start, end = without_suffix(headline, (0, len(headline)))
    assert headline[start:end] == kept
