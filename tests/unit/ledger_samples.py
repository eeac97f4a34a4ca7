"""Observations of one office on one axis, written by hand or drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from volteface.types import Evidence, Mode, Observation, Shift, Standing

NOON = datetime(2025, 4, 8, 12, tzinfo=UTC)


def observe(
    number: int,
    stance: float,
    hours: float = 0,
    *,
    mode: Mode = Mode.ACT,
    origin: int | None = None,
    family: str | None = None,
    confidence: float = 0.95,
) -> Observation:
    at = NOON + timedelta(hours=hours)
    return Observation(
        reading_id=number,
        holder="iran_president",
        axis="military",
        stance=stance,
        mode=mode,
        confidence=confidence,
        quote=f"What was said or done, number {number}.",
        person="",
        article_id=number,
        origin_id=number if origin is None else origin,
        outlet=f"outlet {number}",
        family=f"family {number}" if family is None else family,
        url=f"https://example.org/{number}",
        published=at,
        seen=at,
    )


def standing(value: float, confirmed: datetime = NOON) -> Standing:
    since = NOON - timedelta(days=90)
    old = Evidence("config", "", "Where it stood.", since, stance=value, family="config")
    return Standing("iran_president", "military", value, since, confirmed, (old,))


Step = Callable[[Standing | None, Observation], tuple[Standing | None, Shift | None]]


def folded(
    step: Step, observations: Sequence[Observation], start: Standing | None
) -> tuple[Standing | None, list[Shift]]:
    """Where the position stands after all of them, and the shifts on the way."""
    shifts = []
    for observation in observations:
        start, shift = step(start, observation)
        if shift:
            shifts.append(shift)
    return start, shifts


STANCES = st.sampled_from([-1.0, -0.7, -0.4, 0.0, 0.4, 0.7, 1.0])


@st.composite
def series(draw: st.DrawFn) -> list[Observation]:
    hours, observations = 0.0, []
    for number in range(1, draw(st.integers(1, 25)) + 1):
        hours += draw(st.sampled_from([0.0, 0.2, 3.0, 20.0, 100.0]))
        observations.append(
            observe(
                number,
                draw(STANCES),
                hours,
                mode=draw(st.sampled_from(Mode)),
                origin=draw(st.integers(1, 8)),
                family=f"family {draw(st.integers(1, 6))}",
                confidence=draw(st.sampled_from([0.3, 0.6, 0.9, 1.0])),
            )
        )
    return observations
