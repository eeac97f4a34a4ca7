"""Evidence and shifts survive the way through JSON unchanged."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import evidence, shift

from volteface.errors import StoreError
from volteface.store.codec import evidence_from_json, evidence_to_json, shift_from_json, shift_to_json
from volteface.types import AlertState, Evidence, Mode, Shift

_TIMES = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_FLOATS = st.floats(-1, 1)
_TEXTS = st.text(max_size=40)
_EVIDENCE = st.lists(
    st.builds(Evidence, _TEXTS, _TEXTS, _TEXTS, _TIMES, st.integers(0, 2**53), st.sampled_from(Mode), _FLOATS, _TEXTS),
    max_size=3,
).map(tuple)
_SHIFTS = st.builds(
    Shift,
    **dict.fromkeys(("key", "side", "holder", "person", "axis", "direction"), _TEXTS),
    **dict.fromkeys(("before", "after", "confidence"), _FLOATS),
    at=_TIMES,
    since=_TIMES,
    state=st.sampled_from(AlertState),
    evidence=_EVIDENCE,
    prior=_EVIDENCE,
    origins=st.integers(0, 99),
)


@given(_SHIFTS)
def test_a_shift_comes_back_exactly(given_shift: Shift) -> None:
    """What Slack shows must be what was detected, to the last digit and microsecond."""
    assert shift_from_json(json.loads(json.dumps(shift_to_json(given_shift)))) == given_shift


@given(_EVIDENCE)
def test_evidence_comes_back_exactly(given_evidence: tuple[Evidence, ...]) -> None:
    """Evidence is compared: one changed digit would make old evidence count as new."""
    back = evidence_from_json(json.loads(json.dumps(evidence_to_json(given_evidence))))
    assert back == given_evidence
    assert all(type(one.mode) is Mode and one.published.utcoffset() is not None for one in back)


def test_what_an_earlier_version_wrote_can_be_read() -> None:
    """An upgrade that adds a field with a default must not lose the ledger."""
    [written] = evidence_to_json((evidence(),))
    del written["person"], written["mode"]
    [back] = evidence_from_json([written])
    assert (back.person, back.mode, back.quote) == ("", Mode.SPEECH, evidence().quote)


def test_a_broken_value_is_one_of_our_errors() -> None:
    """A damaged row must end in a message, not in a traceback of a library."""
    with pytest.raises(StoreError, match="cannot read"):
        shift_from_json({**shift_to_json(shift()), "state": "nonsense"})
