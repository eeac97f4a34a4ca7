"""What each step did, as one line for lists and as Markdown for the control room. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from volteface.analyze import AnalyzeReport
from volteface.config import Config
from volteface.deliver import DeliverReport
from volteface.detect import DetectReport
from volteface.poll import PollReport, TextReport
from volteface.types import Shift


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; `|` and line breaks in cells cannot break it."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split())


def poll_line(report: PollReport, texts: TextReport) -> str:
    """`12 feeds due: 31 new, 2 edited, 8 unchanged, 2 failed; 14 pages read, 3 kept the feed's text`."""
    return f"{report.line()}; {texts.line()}"


def poll_page(report: PollReport, texts: TextReport) -> str:
    """The outcome of each feed."""
    rows = ((o.feed, o.status, o.new, o.edited, o.detail) for o in report.outcomes)
    return f"# {poll_line(report, texts)}\n\n" + table(("feed", "outcome", "new", "edited", "detail"), rows)


def analyze_line(report: AnalyzeReport) -> str:
    """`42 articles: 30 read, 17 readings, 8 copies, 4 opinion`."""
    skipped = "".join(f", {count} {reason}" for reason, count in report.skipped.items() if reason != "copy")
    return (
        f"{report.articles} articles: {report.read} read, {report.readings} readings, {report.copies} copies{skipped}"
    )


def analyze_page(report: AnalyzeReport) -> str:
    """What was read and what was not, and why."""
    rows = [("read", report.read), ("readings found", report.readings), ("shared with another outlet", report.copies)]
    rows += [(f"not read: {reason}", count) for reason, count in report.skipped.items()]
    return f"# {analyze_line(report)}\n\n" + table(("what", "articles"), rows)


def alert_line(found: DetectReport, sent: DeliverReport) -> str:
    """`17 readings: 1 shift, 3 held back; 1 sent`."""
    tail = "".join(
        f", {count} {word}" for count, word in ((sent.retried, "to be tried again"), (sent.dead, "given up")) if count
    )
    tail += f"; NOT DELIVERED: {sent.fault}" if sent.fault else ""
    shifts = f"{found.alerts} shift{'' if found.alerts == 1 else 's'}"
    return f"{found.observations} readings: {shifts}, {len(found.held)} held back; {sent.sent} sent{tail}"


def alert_page(found: DetectReport, sent: DeliverReport, config: Config) -> str:
    """Shifts raised, moves held back and why, and what could not be seen."""
    parts = [f"# {alert_line(found, sent)}"]
    if found.shifts:
        rows = ((f"{s.at:%Y-%m-%d %H:%M}", *moved(s, config), s.state.value) for s in found.shifts)
        parts.append("## Raised\n\n" + table(("at (UTC)", "holder", "axis", "before", "after", "state"), rows))
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
