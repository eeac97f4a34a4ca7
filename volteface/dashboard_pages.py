"""What the dashboard's pages hold, as Markdown, and in one line each. Pure; times are UTC.

Tables are narrow and what matters stands on the left: the UI cuts off what does not fit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from volteface.blindness import Coverage
from volteface.committee import division
from volteface.config import Config
from volteface.config_messages import Slack
from volteface.markdown import Markup, inert, link, moment, stacked, table, wrapped
from volteface.mrkdwn import web_url
from volteface.poll import counted
from volteface.status import FAILING, GONE, HEALTHY, NEVER, SILENT, FeedHealth, Status
from volteface.store.records import AlertRecord, PendingRow
from volteface.summary import plural
from volteface.types import Evidence, Shift, Standing

NAME, QUOTE, REASON = 80, 160, 200
"""Characters of a name, of a quote and of what is wrong."""
OUTLETS = 3
"""Articles named with one alert."""
DAY = timedelta(days=1)

_WORST_FIRST = (GONE, FAILING, SILENT, NEVER, HEALTHY)
_TS = re.compile(r"(\d+)\.(\d{6})")


def feeds_line(feeds: Sequence[FeedHealth]) -> str:
    """`58 of 72 feeds in sight: 9 silent, 5 failing`."""
    counts = Counter(feed.health for feed in feeds)
    rest = counted(*((counts[health], health) for health in (SILENT, FAILING, GONE, NEVER)))
    return f"{counts[HEALTHY]} of {len(feeds)} feeds in sight{rest and f': {rest}'}"


def feeds_page(feeds: Sequence[FeedHealth], config: Config, now: datetime) -> str:
    """Every feed, linked, the worst first."""
    by_grief = sorted(feeds, key=lambda feed: (_WORST_FIRST.index(feed.health), feed.outlet, feed.feed))
    head = ("feed", "state", "newest item", "last read", "covers", "remarks")
    return table(head, (_feed(feed, config, now) for feed in by_grief))


def _feed(feed: FeedHealth, config: Config, now: datetime) -> tuple[object, ...]:
    state, known = feed.state, config.feed[feed.feed]
    newest, read = (state.newest, state.succeeded) if state else (None, None)
    name = stacked(link(known.url, feed.outlet, NAME), inert(feed.feed))
    return name, feed.health, moment(newest, now), moment(read, now), ", ".join(known.covers), _remarks(feed, now)


def _remarks(feed: FeedHealth, now: datetime) -> Markup:
    state, remarks = feed.state, []
    if state and state.error:
        since = f", since {moment(state.failing_since, now)}" if state.failing_since else ""
        remarks.append(f"{state.error.split(': http')[0][:REASON]}{since}")
    if state and state.slid:
        remarks.append(f"items slid off unseen, {moment(state.slid, now)}")
    if state and state.moved_to:
        remarks.append(f"moves to {state.moved_to[:REASON]}")
    return stacked(*(wrapped(remark) for remark in remarks))


def coverage_line(rows: Iterable[Coverage]) -> str:
    """`9 of 12 sources on Iran in sight (75 %), ...`."""
    return ", ".join(row.words for row in rows) or "no source is there to cover either side"


def coverage_page(status: Status, config: Config, now: datetime) -> str:
    """How much of each side is in sight, against the floor below which it is an outage; and what is not."""
    floor = config.health.coverage_min
    parts = [table(("side", "in sight", "share", "floor", "out of sight"), (_side(r, floor) for r in status.coverage))]
    for row in status.coverage:
        unseen = [f for f in status.feeds if f.health != HEALTHY and row.side in config.feed[f.feed].covers]
        if unseen:
            parts.append(f"## Out of sight on {inert(row.name, NAME)}\n\n{feeds_page(unseen, config, now)}")
    return "\n\n".join(parts)


def _side(row: Coverage, floor: float) -> tuple[object, ...]:
    low = row.seen < floor * row.of
    share = f"{row.share:.0%}{', BELOW THE FLOOR' if low else ''}"
    return row.name, f"{row.seen} of {row.of}", share, f"{floor:.0%}", ", ".join(row.gaps)


def positions_line(standings: Sequence[Standing], now: datetime) -> str:
    """`48 positions, 2 of them changed in the last 24 h`."""
    moved = sum(now - standing.since < DAY for standing in standings)
    count = f"{len(standings)} {plural(len(standings), 'position')}"
    return f"{count}, {moved or 'none'} of them changed in the last 24 h"


def positions_page(standings: Sequence[Standing], config: Config) -> str:
    """Where everybody stands, in the config's order, with the last words that showed it."""
    rows = (_position(standing, config) for standing in standings)
    return table(("who, on what", "stands at", "shown by"), rows)


def _position(standing: Standing, config: Config) -> tuple[object, ...]:
    axis, rung = _rungs(standing.axis, (standing.value,), config)
    again = standing.confirmed.date() > standing.since.date()
    restated = f"restated {standing.confirmed:%-d %b %Y}" if again else ""
    stands = stacked(rung, f"since {standing.since:%-d %b %Y}", restated)
    return stacked(_holder(standing.holder, config), axis), stands, _shown_by(standing)


def _holder(holder: str, config: Config) -> Markup:
    office = config.office.get(holder)
    return inert(office.name if office else holder, NAME)


def _rungs(axis_id: str, values: Sequence[float], config: Config) -> tuple[Markup, ...]:
    """The axis and the named steps; an axis that the config has no more is told by its id and the bare values."""
    axis = config.axis.get(axis_id)
    names = (axis.rung(value).name if axis else f"{value:+.1f}" for value in values)
    return tuple(inert(name, NAME) for name in (axis.name if axis else axis_id, *names))


def _shown_by(standing: Standing) -> Markup:
    last = standing.evidence[-1] if standing.evidence else None
    pending = len(standing.pending)
    doubt = f"{pending} {plural(pending, 'account departs', 'accounts depart')} from it" if pending else ""
    return stacked(_quoted(last) if last else "", doubt, division(standing))


def _quoted(piece: Evidence) -> Markup:
    """In quotation marks only what somebody said: a starting position is in our own words."""
    if not web_url(piece.url):
        return wrapped(piece.quote, QUOTE)
    return stacked(wrapped(f"“{piece.quote[:QUOTE]}”"), link(piece.url, piece.outlet, NAME))


def alerts_line(alerts: Sequence[AlertRecord], status: Status, now: datetime) -> str:
    """`2 alerts in the last 24 h; all delivered`."""
    recent = sum(now - record.shift.at < DAY for record in alerts)
    undelivered = counted((len(status.waiting), "waiting"), (len(status.dead), "given up"))
    return f"{recent or 'no'} {plural(recent, 'alert')} in the last 24 h; {undelivered or 'all delivered'}"


def alerts_page(alerts: Sequence[AlertRecord], status: Status, config: Config, now: datetime) -> str:
    """What is undelivered and why, then the latest alerts with their articles, their state and their delivery."""
    parts = []
    if rows := (*status.dead, *status.waiting):
        parts.append("## Undelivered\n\n" + table(_UNDELIVERED, (_undelivered(row, config, now) for row in rows)))
    latest = (
        table(_ALERT, (_alert(record, config, now) for record in alerts)) if alerts else "None has been raised yet."
    )
    return "\n\n".join([*parts, f"## Latest alerts\n\n{latest}"])


_UNDELIVERED = ("what", "since", "delivery", "why")
_ALERT = ("what", "when", "delivery", "shown by", "state")


def _undelivered(row: PendingRow, config: Config, now: datetime) -> tuple[object, ...]:
    how = "given up" if row.dead_at else f"waits, {row.attempts} {plural(row.attempts, 'attempt')}"
    return _move(row.shift, config), moment(row.created, now), how, wrapped(row.error or "", REASON)


def _alert(record: AlertRecord, config: Config, now: datetime) -> tuple[object, ...]:
    shift, address = record.shift, slack_address(config.slack, record.receipt)
    delivery = link(address, record.delivery) if address else record.delivery
    change = wrapped(record.changes[-1].words, REASON) if record.changes else ""
    state = stacked(shift.state.value.replace("_", " "), change)
    return _move(shift, config), moment(shift.at, now), delivery, _articles(shift.evidence), state


def _move(shift: Shift, config: Config) -> Markup:
    axis, before, after = _rungs(shift.axis, (shift.before, shift.after), config)
    return stacked(f"{_holder(shift.holder, config)} on {axis}:", f"{before} → {after}")


def _articles(evidence: Sequence[Evidence]) -> Markup:
    """The outlets, each linked to its article."""
    by_outlet = {piece.outlet: piece for piece in evidence}
    links = [link(piece.url, outlet, NAME) for outlet, piece in by_outlet.items()]
    return stacked(*links[:OUTLETS], f"and {len(links) - OUTLETS} more" if len(links) > OUTLETS else "")


def slack_address(slack: Slack, receipt: str | None) -> str | None:
    """The address of a message; None where the workspace is not known, or the receipt is not Slack's."""
    found = _TS.fullmatch(receipt or "")
    if found is None or slack.workspace is None:
        return None
    return f"{slack.workspace.rstrip('/')}/archives/{slack.channel}/p{found[1]}{found[2]}"
