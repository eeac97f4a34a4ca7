"""What each step did, as one line for lists and as Markdown for the control room. Pure."""

from __future__ import annotations

from volteface.analyze import AnalyzeReport
from volteface.config import Config
from volteface.deliver import DeliverReport
from volteface.detect import DetectReport
from volteface.markdown import Markup, inert, link, listed, table
from volteface.poll import FeedOutcome, Polled, PollReport, counted
from volteface.texts import TextReport
from volteface.types import Evidence, Shift

NOT_READ = {
    "copy": "repeats a text already read: one origin, however many carry it",
    "opinion": "a commentator's wish is nobody's position",
    "stale": "old, or looks back: history, not news",
    "language": "no instrument of ours reads it; kept, and counted as unread",
    "no text": "neither the feed nor the page gave any text",
}
"""Why an article is not read as news, by the first words of its note."""
QUOTE = 700
"""Characters of a quote."""
SHOWN = 20
"""Quotes shown for one shift."""


def why_not_read(note: str) -> str:
    """The reason behind a note such as `opinion` or `language fa`, in words."""
    return next((reason for start, reason in NOT_READ.items() if note.startswith(start)), note)


def plural(count: int, one: str, many: str = "") -> str:
    """`article` for one, otherwise `articles` or the given plural."""
    return one if count == 1 else many or f"{one}s"


def poll_line(report: PollReport, texts: TextReport, silent: int = 0) -> str:
    """`12 feeds due: 31 new, 2 edited; 8 unchanged, 2 failed; 14 pages read, 3 kept the feed's text; 2 silent`.

    `silent` is how many of all feeds have been silent for longer than is normal for them.
    """
    return "; ".join(filter(None, (report.line(), texts.line(), counted((silent, "silent")))))


def poll_page(report: PollReport, texts: TextReport, config: Config) -> str:
    """The feeds that failed and why, what the others brought, and why pages gave no text."""
    parts = []
    if failed := [outcome for outcome in report.outcomes if outcome.status is Polled.FAILED]:
        rows = (Markup(f"**{_outlet(o, config)}** ({o.feed}): {inert(o.detail)}") for o in failed)
        parts.append("## Failed\n\n" + listed(rows))
    if answered := [outcome for outcome in report.outcomes if outcome.status is not Polled.FAILED]:
        answered.sort(key=lambda o: (-o.new, -o.edited, o.feed))
        cells = ((_outlet(o, config), o.feed, o.new or "", o.edited or "", o.detail) for o in answered)
        parts.append("## Answered\n\n" + table(("outlet", "feed", "new", "edited", "note"), cells))
    if texts.reasons:
        parts.append("## Pages without usable text\n\n" + table(("why", "articles"), texts.reasons))
    return "\n\n".join(parts) or "No feed was due."


def _outlet(outcome: FeedOutcome, config: Config) -> Markup:
    feed = config.feed[outcome.feed]
    return link(feed.url, feed.outlet)


def analyze_line(report: AnalyzeReport) -> str:
    """`42 articles: 30 read, 17 readings, 8 copies, 4 opinion`."""
    if not report.articles:
        return "nothing to read"
    skipped = ((count, reason) for reason, count in report.skipped.items() if reason != "copy")
    readings, copies = plural(report.readings, "reading"), plural(report.copies, "copy", "copies")
    found = counted((report.read, "read"), (report.readings, readings), (report.copies, copies), *skipped)
    return f"{report.articles} {plural(report.articles, 'article')}: {found}"


def analyze_page(report: AnalyzeReport) -> str:
    """What was read and what was not, and why."""
    rows = [
        ("read", report.read, f"{report.readings} {plural(report.readings, 'reading')} of a position found"),
        ("carried on", report.copies, "share their origin with another article, so they confirm nothing"),
    ]
    rows += [(f"not read: {note}", count, why_not_read(note)) for note, count in report.skipped.items()]
    return table(("articles", "how many", "what it means"), rows) if report.articles else "No article waits."


def alert_line(found: DetectReport, sent: DeliverReport) -> str:
    """`17 readings: 1 shift, 3 held back, 2 changes; 3 sent`."""
    held = f", {len(found.held)} held back" if found.held else ""
    changes = f", {len(found.changes)} {plural(len(found.changes), 'change')}" if found.changes else ""
    moves = f"{found.observations} {plural(found.observations, 'reading')}: {found.alerts} "
    delivered = counted(
        (sent.sent, "sent"),
        (sent.retried, "to be tried again"),
        (sent.dead, "given up"),
        (sent.by_fallback, "by the fall-back"),
    )
    fault = f"NOT DELIVERED: {sent.fault}" if sent.fault else ""
    return "; ".join(filter(None, (f"{moves}{plural(found.alerts, 'shift')}{held}{changes}", delivered, fault)))


def alert_page(found: DetectReport, sent: DeliverReport, config: Config) -> str:
    """What is undelivered, the shifts with what shows them, moves held back and why, and what could not be seen."""
    parts = []
    if sent.fault or sent.waiting or sent.dead:
        waits = counted((sent.waiting, "waiting"), (sent.dead, "given up")) or "All delivered since"
        parts.append(f"## Undelivered\n\n{waits}. {inert(sent.fault or '')}\n\n`volteface status` lists them.")
    parts += [_shift_section(shift, config) for shift in found.shifts]
    if found.changes:
        stories = ((*moved(a.shift, config), c.words) for a in found.changed for c in a.changes if c in found.changes)
        parts.append("## Changes of open alerts\n\n" + table(("who", "on", "from", "to", "what happened"), stories))
    if found.held:
        rows = ((*moved(h.shift, config), h.reason) for h in found.held)
        parts.append("## Held back\n\n" + table(("who", "on", "from", "to", "why it is no alert"), rows))
    if found.blind:
        parts.append("## In sight\n\n" + listed(found.blind))
    return "\n\n".join(parts) or "No position moved, and nothing waits to be sent."


def _shift_section(shift: Shift, config: Config) -> str:
    who, axis, before, after = (inert(word) for word in moved(shift, config))
    head = f"## {who} on {axis}: {before} → {after}"
    where = "towards" if shift.direction == "towards" else "away from"
    words = f"{where} the other side, {shift.state.value}, found {shift.at:%-d %b %Y, %H:%M} UTC"
    return f"{head}\n\n{words}\n\n{listed(_quote(evidence) for evidence in shift.evidence[:SHOWN])}"


def _quote(evidence: Evidence) -> Markup:
    where = f"{link(evidence.url, evidence.outlet)}, {evidence.published:%-d %b, %H:%M} UTC"
    return Markup(f"“{inert(evidence.quote, QUOTE)}” {where}")


def moved(shift: Shift, config: Config) -> tuple[str, str, str, str]:
    """Holder, axis, before and after, in words."""
    axis = config.axis[shift.axis]
    return config.office[shift.holder].name, axis.name, axis.rung(shift.before).name, axis.rung(shift.after).name
