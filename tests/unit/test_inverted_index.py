"""The inverted index gives what a dictionary would, in less room."""

from __future__ import annotations

import numpy as np
import pytest

from volteface.inverted_index import Hashes, InvertedIndex

DOCUMENTS = 9000
"""More than two full segments."""


def hashes(*values: int) -> Hashes:
    return np.array(sorted(values), dtype=np.uint32)


def held(number: int) -> set[int]:
    """The hashes of a document: one in all, one in every third, some in few."""
    return {5} | ({7} if number % 3 == 0 else set()) | {100 + number // 40, 2**32 - 1 - number}


@pytest.fixture(scope="module")
def index() -> InvertedIndex:
    """Thousands of documents; every tenth has no hashes."""
    filled = InvertedIndex()
    for number in range(DOCUMENTS):
        filled.add(number, hashes(*held(number)) if number % 10 else hashes())
    return filled


def found(index: InvertedIndex, wanted: Hashes, since: int = 0, most: int | None = None) -> list[tuple[int, int]]:
    places, numbers = index.find(wanted, since, most)
    return sorted(zip(wanted[places].tolist(), numbers.tolist(), strict=True))


@pytest.mark.parametrize("since", [0, 1, 4095, 4096, 4500, DOCUMENTS - 1, DOCUMENTS])
def test_finds_what_a_dictionary_would(index: InvertedIndex, since: int) -> None:
    """Copies would be missed, or found of articles that are long forgotten."""
    wanted = hashes(0, 7, 100, 201, 212, 2**32 - 1 - 4097, 2**32 - 1)

    expected = [(value, n) for value in wanted.tolist() for n in range(since, DOCUMENTS) if n % 10 and value in held(n)]

    assert found(index, wanted, since) == expected


def test_gives_the_first_documents_of_a_common_hash(index: InvertedIndex) -> None:
    """A paywall's notice under ten thousand articles would make every look-up slow."""
    assert found(index, hashes(5, 100), most=3) == [(5, 1), (5, 2), (5, 3), (100, 1), (100, 2), (100, 3)]


def test_forgotten_documents_crowd_out_no_others(index: InvertedIndex) -> None:
    """A passage that fifty forgotten articles shared would not be found in today's."""
    assert found(index, hashes(5, 100), since=12, most=3) == [
        (5, 12),
        (5, 13),
        (5, 14),
        (100, 12),
        (100, 13),
        (100, 14),
    ]


def test_finds_nothing_in_nothing(index: InvertedIndex) -> None:
    """The first article after a start, and one without words, would break the pass."""
    assert found(InvertedIndex(), hashes(5)) == []
    assert found(index, hashes()) == []


def test_forgets_what_is_past() -> None:
    """The window would grow for ever."""
    mine = InvertedIndex()
    for number in range(DOCUMENTS):
        mine.add(number, hashes(number))
    mine.forget(DOCUMENTS)
    mine.add(DOCUMENTS, hashes(1, 2, 3))

    assert found(mine, hashes(1, 2, 3, 4)) == [(1, DOCUMENTS), (2, DOCUMENTS), (3, DOCUMENTS)]
