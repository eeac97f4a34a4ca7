"""What the preview shows: one alert through its life, and the digest of the day after. In our own words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.blindness import Coverage
from volteface.chart import Picture, chart
from volteface.config import Config, Feed
from volteface.digest import Digest, render_digest
from volteface.slack_render import Message, render
from volteface.slack_thread import thread_line
from volteface.status import SILENT, FeedHealth, positions
from volteface.types import AlertState, Evidence, Mode, Observation, Shift
from volteface.verdicts import Verdict, VerdictKind, words

BLIND = (
    "2 of 3 sources on Iran in sight (67 %): 1 cannot be read",
    "2 of 2 sources on the United States in sight (100 %)",
)
READ = ((27, 0.4), (22, 0.5), (17, 0.3), (9, 0.4), (4, 0.0), (0.06, -0.7), (0, -0.75))
"""Days before the shift, and stances."""


def desk(config: Config) -> Config:
    """The config with the demo's outlets."""
    outlets = {"Tehran Herald": ("IR", "state-aligned"), "Gulf Wire": ("AE", "independent")}
    return config.model_copy(update={"feeds": tuple(_feed(outlet, *told) for outlet, told in outlets.items())})


def first(config: Config) -> Message:
    """As first posted: one outlet has it."""
    return render(_provisional(), config, BLIND)


def confirmed(config: Config) -> Message:
    """The same message after a second origin."""
    return render(_sample_shift(), config, BLIND, _changes()[:1])


def judged(config: Config) -> Message:
    """The same message after two people have pressed buttons."""
    return render(_sample_shift(), config, BLIND, (*_changes()[:1], *_said()))


def walked_back(config: Config) -> Message:
    """The same message after the walk-back."""
    return render(_over(), config, BLIND, _changes())


def thread(config: Config, count: int = 2) -> list[Message]:
    """The first lines of its thread."""
    return [thread_line(f"{change.key}#{change.number}", change, config) for change in _changes()[:count]]


def picture(config: Config) -> Picture:
    """The chart in its thread. Raises ValueError where the config has no such axis."""
    found = chart(_sample_shift(), _readings(), config)
    if found is None:
        raise ValueError("the preview needs the axis `negotiation` in config.yaml")
    return found


def digest(config: Config) -> Message:
    """The digest of the next morning."""
    at = datetime(2025, 3, 12, 7, tzinfo=UTC)
    sight = (
        Coverage("iran", "Iran", 3, 0, 1, timedelta(hours=31)),
        Coverage("us", "the United States", 2, 0, 0, timedelta()),
    )
    moved, back = _over(), _changes()[-1].at
    standings = [
        replace(s, value=moved.before, since=back, confirmed=back)
        if (s.holder, s.axis) == (moved.holder, moved.axis)
        else replace(s, confirmed=at - timedelta(hours=9 if s.holder == "us_president" else 900))
        for s in positions(config, {})
    ]
    unseen = (FeedHealth("tehran_herald", "Tehran Herald", SILENT, None),)
    day = Digest(at, at - timedelta(days=1), (Alert(moved, _changes()),), tuple(standings), sight, unseen, (), ())
    return render_digest(day, config, "digest:2025-03-12")


def _provisional() -> Shift:
    whole = _sample_shift()
    return replace(whole, state=AlertState.PROVISIONAL, evidence=whole.evidence[:1], origins=1, confidence=0.81)


def _over() -> Shift:
    return replace(_sample_shift(), state=AlertState.WALKED_BACK)


def _changes() -> tuple[AlertChange, ...]:
    shift = _sample_shift()
    back = _evidence(
        "Gulf Wire",
        4,
        datetime(2025, 3, 11, 20, 5, tzinfo=UTC),
        "Late on Tuesday his office said that the door to talks stays open if the threats end.",
    )
    return (
        AlertChange(shift.key, 1, ChangeKind.CONFIRMED, shift.at, "second independent origin: Gulf Wire",
                    AlertState.CONFIRMED, shift.holder, shift.evidence[1:]),
        AlertChange(shift.key, 2, ChangeKind.WALKED_BACK, datetime(2025, 3, 11, 20, 14, tzinfo=UTC),
                    "moved back to “open to talks on terms” 7 h later", AlertState.WALKED_BACK, shift.holder, (back,)),
    )  # fmt: skip


def _said() -> Iterator[AlertChange]:
    shift = _sample_shift()
    for minutes, kind, by in (
        (4, VerdictKind.ACKNOWLEDGED, "ann, U0ANN00001"),
        (11, VerdictKind.TRUE_SHIFT, "bob, U0BOB00001"),
    ):
        at = shift.at + timedelta(minutes=minutes)
        told = Verdict(shift.key, kind, by, "", at)
        change = ChangeKind.ACKNOWLEDGED if kind is VerdictKind.ACKNOWLEDGED else ChangeKind.VERDICT
        yield AlertChange(shift.key, 0, change, at, words(told), shift.state, shift.holder)


def _readings() -> list[Observation]:
    shift = _sample_shift()
    return [
        Observation(n, shift.holder, shift.axis, stance, Mode.SPEECH, 0.9, "", "", n, n, "", "", "", when, when)
        for n, (days, stance) in enumerate(READ)
        for when in (shift.at - timedelta(days=days),)
    ]


def _sample_shift() -> Shift:
    return Shift(
        key="5d1c0a77e2b94f3386d1",
        at=datetime(2025, 3, 11, 13, 14, tzinfo=UTC),
        side="iran",
        holder="iran_president",
        person="Masoud Pezeshkian",
        axis="negotiation",
        direction="away",
        before=0.4,
        after=-0.7,
        since=datetime(2025, 2, 10, tzinfo=UTC),
        state=AlertState.CONFIRMED,
        confidence=0.93,
        evidence=(
            _evidence(
                "Tehran Herald",
                1,
                datetime(2025, 3, 11, 11, 45, tzinfo=UTC),
                "President Pezeshkian said on Tuesday that he would not negotiate while being threatened, and told the "
                "American president to do as he pleased.",
            ),
            _evidence(
                "Gulf Wire",
                2,
                datetime(2025, 3, 11, 13, 10, tzinfo=UTC),
                "Iranian President Masoud Pezeshkian ruled out talks with the United States on Tuesday as long as it "
                "gives orders and makes threats.",
            ),
        ),
        prior=(
            _evidence(
                "Tehran Herald",
                3,
                datetime(2025, 2, 10, 10, 20, tzinfo=UTC),
                "President Masoud Pezeshkian told a rally that Iran is open to dialogue with the United States, though "
                "never under coercion.",
            ),
        ),
        origins=2,
    )


def _evidence(outlet: str, origin: int, published: datetime, quote: str) -> Evidence:
    url = f"https://{outlet.lower().replace(' ', '-')}.example/{origin}"
    return Evidence(outlet, url, quote, published, origin, person="Masoud Pezeshkian")


def _feed(outlet: str, country: str, ownership: str) -> Feed:
    name = outlet.lower().replace(" ", "_")
    plain = {"id": name, "url": f"https://{name}.example/feed", "outlet": outlet, "language": "en"}
    return Feed.model_validate(plain | {"country": country, "ownership": ownership})
