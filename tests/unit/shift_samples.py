"""Shifts and a small configuration for tests of what is shown and sent; every field can be overridden."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from volteface.config import Config
from volteface.slack_render import Message, render
from volteface.types import AlertState, Evidence, Mode, Shift

FOUND = datetime(2025, 3, 11, 12, 40, tzinfo=UTC)


def config(**changes: Any) -> Config:
    """Two sides, one office on each with a catch-all, one axis, two feeds."""
    pole = {"hypothesis": "[A] speaks of [B].", "exemplars": ["One.", "Two."]}
    plain = {
        "version": 1,
        "sides": [{"id": "iran", "name": "Iran"}, {"id": "us", "name": "United States"}],
        "offices": [
            {"id": "iran_president", "side": "iran", "name": "Iran's president", "rank": 2},
            {"id": "us_gov", "side": "us", "name": "the United States", "rank": 8, "catch_all": True},
        ],
        "axes": [
            {
                "id": "negotiation",
                "name": "negotiations",
                "topic": "talks",
                "towards": {"name": "for talks", **pole},
                "away": {"name": "against talks", **pole},
                "rungs": [
                    {"value": -0.7, "name": "rejects talks"},
                    {"value": 0.0, "name": "undecided on talks"},
                    {"value": 0.4, "name": "open to talks on terms"},
                ],
            }
        ],
        "feeds": [
            _feed("herald", "Tehran Herald", "IR", "state-aligned"),
            _feed("wire", "Gulf Wire", "AE", "independent"),
        ],
        "slack": {"channel": "#iran-us"},
    }
    return Config.model_validate(plain | changes)


def _feed(name: str, outlet: str, country: str, ownership: str) -> dict[str, str]:
    return {
        "id": name,
        "url": f"https://{name}.example/feed",
        "outlet": outlet,
        "country": country,
        "ownership": ownership,
        "language": "en",
    }


def evidence(quote: str = "The president said he would not talk under threats.", **fields: Any) -> Evidence:
    """A quote of a state-aligned outlet."""
    plain = Evidence("Tehran Herald", "https://herald.example/1", quote, FOUND, 1, Mode.SPEECH, -0.7, "M. Pezeshkian")
    return replace(plain, **fields)


def shift(key: str = "3f9a", **fields: Any) -> Shift:
    """Iran's president turns away from talks, on the word of two outlets."""
    second = evidence(
        "Iran's president ruled out negotiations.", outlet="Gulf Wire", url="https://wire.example/2", origin_id=2
    )
    plain = Shift(
        key=key,
        at=FOUND,
        side="iran",
        holder="iran_president",
        person="Masoud Pezeshkian",
        axis="negotiation",
        direction="away",
        before=0.4,
        after=-0.7,
        since=FOUND - timedelta(days=29),
        state=AlertState.PROVISIONAL,
        confidence=0.86,
        evidence=(evidence(), second),
        prior=(evidence("We do not refuse to talk, he said.", origin_id=3, published=FOUND - timedelta(days=29)),),
        origins=2,
    )
    return replace(plain, **fields)


def message(key: str = "3f9a", **fields: Any) -> Message:
    """The message of such a shift."""
    return render(shift(key, **fields), config(), ())
