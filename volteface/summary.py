"""What each step did, as one line for lists and as Markdown for the control room. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from volteface.analyze import AnalyzeReport
from volteface.config import Config
from volteface.deliver import DeliverReport
from volteface.detect import DetectReport
from volteface.poll import FeedOutcome, Polled, PollReport, TextReport, counted
from volteface.types import Shift

NOT_READ = {
    "copy": "repeats a text already read: one origin, however many carry it",
    "opinion": "a commentator's wish is nobody's position",
    "stale": "old, or looks back: history, not news",
    "language": "no instrument of ours reads it; kept, and counted as unread",
    "no text": "neither the feed nor the page gave any text",
}
"""Why an article is not read as news, by the first words of its note."""
_WORST_FIRST = (Polled.FAILED, Polled.FRESH, Polled.UNCHANGED)


def why_not_read(note: str) -> str:
    """The reason behind a note such as `opinion` or `language fa`, in words."""
    return next((reason for start, reason in NOT_READ.items() if note.startswith(start)), note)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; `|`, line breaks and HTML in cells cannot break it or what is around it."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    text = " ".join(str(value).split())
    for mark, harmless in (("&", "&amp;"), ("<", "&lt;"), ("\\", "\\\\"), ("|", "\\|")):
        text = text.replace(mark, harmless)
    return text


def poll_line(report: PollReport, texts: TextReport) -> str:
    """`12 feeds due: 31 new, 2 edited; 8 unchanged, 2 failed; 14 pages read, 3 kept the feed's text`."""
    return "; ".join(filter(None, (report.line(), texts.line())))


def poll_page(report: PollReport, texts: TextReport, config: Config) -> str:
    """The outcome of each feed, those that failed first; why pages gave no text."""
    parts = [f"# {poll_line(report, texts)}"]
    if report.outcomes:
        outcomes = sorted(report.outcomes, key=lambda o: (_WORST_FIRST.index(o.status), -o.new, o.feed))
        rows = (_feed_row(outcome, config) for outcome in outcomes)
        parts.append(table(("feed", "outlet", "outcome", "new", "edited", "detail"), rows))
    if texts.reasons:
        parts.append("## Pages without usable text\n\n" + table(("why", "articles"), texts.reasons))
    return "\n\n".join(parts)


def _feed_row(outcome: FeedOutcome, config: Config) -> tuple[object, ...]:
    status = f"**{outcome.status}**" if outcome.status is Polled.FAILED else outcome.status
    outlet = config.feed[outcome.feed].outlet
    return outcome.feed, outlet, status, outcome.new or "", outcome.edited or "", outcome.detail


def analyze_line(report: AnalyzeReport) -> str:
    """`42 articles: 30 read, 17 readings, 8 copies, 4 opinion`."""
    if not report.articles:
        return "nothing to read"
    skipped = ((count, reason) for reason, count in report.skipped.items() if reason != "copy")
    found = counted((report.read, "read"), (report.readings, "readings"), (report.copies, "copies"), *skipped)
    return f"{report.articles} article{'' if report.articles == 1 else 's'}: {found}"


def analyze_page(report: AnalyzeReport) -> str:
    """What was read and what was not, and why."""
    parts = [f"# {analyze_line(report)}"]
    if report.articles:
        rows = [("read", report.read), ("readings found in them", report.readings)]
        parts.append(table(("what", "count"), [*rows, ("articles that share another's origin", report.copies)]))
    if report.skipped:
        skipped = ((note, count, why_not_read(note)) for note, count in report.skipped.items())
        parts.append("## Not read\n\n" + table(("note", "articles", "why"), skipped))
    return "\n\n".join(parts)


def alert_line(found: DetectReport, sent: DeliverReport) -> str:
    """`17 readings: 1 shift, 3 held back; 1 sent`."""
    shifts = f"{found.alerts} shift{'' if found.alerts == 1 else 's'}"
    held = f", {len(found.held)} held back" if found.held else ""
    delivered = counted((sent.sent, "sent"), (sent.retried, "to be tried again"), (sent.dead, "given up"))
    fault = f"NOT DELIVERED: {sent.fault}" if sent.fault else ""
    readings = f"{found.observations} reading{'' if found.observations == 1 else 's'}"
    return "; ".join(filter(None, (f"{readings}: {shifts}{held}", delivered, fault)))


def alert_page(found: DetectReport, sent: DeliverReport, config: Config) -> str:
    """Shifts raised with what shows them, moves held back and why, what is undelivered, and what could not be seen."""
    parts = [f"# {alert_line(found, sent)}"]
    if sent.fault or sent.waiting or sent.dead:
        waits = counted((sent.waiting, "waiting"), (sent.dead, "given up"))
        parts.append(f"## Undelivered\n\n{waits}. {sent.fault or ''}\n\n`volteface status` lists them.")
    if found.shifts:
        rows = ((f"{s.at:%Y-%m-%d %H:%M}", *moved(s, config), s.direction, s.state.value) for s in found.shifts)
        head = ("at (UTC)", "holder", "axis", "before", "after", "direction", "state")
        parts.append("## Raised\n\n" + table(head, rows))
        quotes = ((moved(s, config)[0], e.quote, e.outlet, e.url) for s in found.shifts for e in s.evidence)
        parts.append("## What shows it\n\n" + table(("holder", "quote", "outlet", "link"), quotes))
    if found.held:
        rows_held = ((*moved(h.shift, config), h.reason) for h in found.held)
        parts.append("## Held back\n\n" + table(("holder", "axis", "before", "after", "why"), rows_held))
    if found.blind:
        parts.append("## Not seen\n\n" + "\n".join(f"- {phrase}" for phrase in found.blind))
    return "\n\n".join(parts)


def moved(shift: Shift, config: Config) -> tuple[str, str, str, str]:
    """Holder, axis, before and after, in words."""
    axis = config.axis[shift.axis]
    return config.office[shift.holder].name, axis.name, axis.rung(shift.before).name, axis.rung(shift.after).name
