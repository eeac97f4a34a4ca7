"""What housekeeping and the watchdog did, as one line for lists and as Markdown for the control room. Pure."""

from __future__ import annotations

from volteface.config import Config
from volteface.markdown import table
from volteface.notices import NoticeReport
from volteface.retention import TidyReport
from volteface.summary import plural


def housekeeping_line(report: TidyReport, runs: int) -> str:
    """`312 articles dropped; the store has 41.3 MB; 700 old runs deleted`."""
    return "; ".join(filter(None, (report.line(), f"{runs:,} old {plural(runs, 'run')} deleted" if runs else "")))


def housekeeping_page(report: TidyReport, runs: int, config: Config) -> str:
    """What went, and after how long it does."""
    rules = config.retention
    rows = (
        ("articles with their readings", report.articles, f"{rules.articles_days:g} days"),
        ("embeddings and signatures", report.vectors, f"{rules.vectors_days:g} days"),
        ("identities of dropped articles", report.identities, f"{rules.identities_days:g} days out of their feed"),
        ("notices of outages", report.notices, f"{rules.notices_days:g} days"),
        ("Prefect runs with logs and pages", runs, f"{rules.prefect_days:g} days"),
    )
    kept = "What alerts and standing positions rest on, and work not done, stays."
    return f"{table(('what', 'dropped', 'kept for'), rows)}\n\nThe store has {report.bytes / 1e6:,.1f} MB. {kept}"


def watchdog_line(report: NoticeReport, state: str) -> str:
    """`sees 58 of 72 feeds, reads, delivers; 1 outage: feed-herald; 1 notice sent`; `state` comes first."""
    return f"{state}{report.line().removeprefix('healthy')}" if not report.outages else f"{state}; {report.line()}"


def watchdog_page(report: NoticeReport) -> str:
    """The outages that go on, and whether the channel heard of them."""
    if not report.outages:
        return "Feeds are read, both sides are in sight, articles are read, alerts are delivered."
    rows = ((o.topic, f"{o.since:%-d %b %Y, %H:%M} UTC", _told(o.sent_at is not None), o.words) for o in report.outages)
    return "## Outages\n\n" + table(("what", "since", "channel told", "in words"), rows)


def _told(sent: bool) -> str:
    return "yes" if sent else "not yet"
