"""What must hold at the end: every item read once, every alert delivered once, and no run that says what is not so."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from tests.local_slack import keys
from tests.soak.desk import Desk
from tests.soak.plan import Plan
from tests.soak.watch import Watch, flow_names, runs, states
from volteface.store import Store
from volteface.store.notices import DIGEST
from volteface.store.records import AlertRecord

GHOST_S = 60.0
"""A run that still looks alive so long after its process died is a lie."""
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")
NOTICE = "notice "
_TAKEN = re.compile(r"(\d+) articles?:")
_NEW = re.compile(r"(\d+) new")


def quiet(desk: Desk, plan: Plan) -> bool:
    """Whether everything that was published is read, and no step has anything left to do."""
    with Store.open(f"sqlite:///{desk.database}") as store:
        totals = store.census.totals()
        undone = store.readings.undetected(1) or store.outbox.pending()
        unread = store.articles.wanting_text(1) or store.articles.wanting_reading(1)
        return totals.articles >= len(plan.items) and not undone and not unread


def faults(desk: Desk, plan: Plan, watch: Watch, killed: set[str]) -> list[str]:
    """Everything that is wrong, one line each. `killed`: runs that died with their process, by id."""
    with Store.open(f"sqlite:///{desk.database}") as store:
        records = store.alerts.records(1000)
        given_up = [f"given up: {row.key}, {row.error}" for row in store.outbox.dead()]
    return [
        *_read_once(desk, plan),
        *_due(plan, records),
        *_delivered_once(desk, records),
        *given_up,
        *_truthful(desk, watch, killed),
    ]


def _read_once(desk: Desk, plan: Plan) -> Iterator[str]:
    query = "select url, read_at is not null, revision, note from article"
    with closing(sqlite3.connect(desk.database)) as connection:
        rows = connection.execute(query).fetchall()
    numbers = Counter(int(url.rpartition("/")[2]) for url, *_ in rows)
    if lost := [item.number for item in plan.items if not numbers[item.number]]:
        yield f"items never taken: {lost}"
    if twice := [number for number, times in numbers.items() if times > 1]:
        yield f"items taken twice: {twice}"
    if odd := [row for row in rows if tuple(row[1:]) != (1, 0, "")]:
        yield f"items not read, or read as something else: {odd}"
    with closing(sqlite3.connect(desk.database)) as connection:
        query = "select article_id, holder, axis, quote from reading group by 1, 2, 3, 4 having count(*) > 1"
        if twice := connection.execute(query).fetchall():
            yield f"readings twice: {twice}"


def _due(plan: Plan, records: list[AlertRecord]) -> Iterator[str]:
    wanted = sorted((story.holder, story.axis, story.direction) for story in plan.stories)
    found = sorted((r.shift.holder, r.shift.axis, r.shift.direction) for r in records)
    if found != wanted:
        yield f"alerts {found}, due were {wanted}"


def _delivered_once(desk: Desk, records: list[AlertRecord]) -> Iterator[str]:
    wanted = {r.shift.key for r in records} | {f"{r.shift.key}#{c.number}" for r in records for c in r.changes}
    shown = Counter(desk.slack.all_keys)
    alerts = {key for key in shown if not key.startswith((NOTICE, DIGEST))}
    if lost := sorted(wanted - alerts):
        yield f"never in Slack: {lost}"
    if stray := sorted(alerts - wanted):
        yield f"in Slack, but not in the store: {stray}"
    if twice := sorted(key for key, times in shown.items() if times > 1):
        yield f"twice in Slack: {twice}"


def notices(desk: Desk) -> list[str]:
    """What the channel was told of outages."""
    return [post["text"] for post in desk.slack.posts if keys([post])[0].startswith(NOTICE)]


def _truthful(desk: Desk, watch: Watch, killed: set[str]) -> Iterator[str]:
    everything = [run for run in runs(desk.api, {}) if run["state_type"] != "SCHEDULED"]
    names = flow_names(desk.api)
    for run in everything:
        who = f"{names[run['flow_id']]} / {run['name']} ({run['id']})"
        yield from (f"{who}: {lie}" for lie in _lies(run, killed, states(desk.api, run["id"])))
    for ghost in watch.ghosts.values():
        if ghost.lasted_s > GHOST_S:
            yield f"{ghost.name} was shown as {ghost.state} for {ghost.lasted_s:.0f} s without a process"
    yield from _adds_up(desk, everything, names)


def _lies(run: dict[str, Any], killed: set[str], history: list[str]) -> Iterator[str]:
    """`history`: its states, the last one among them."""
    if run["state_type"] not in ENDED:
        yield f"still {run['state_type']}"
    if run["id"] in killed and run["state_type"] not in ("CRASHED", "COMPLETED"):
        yield f"was killed, but is shown as {run['state_type']}"
    if run["state_type"] == "COMPLETED" and not run["state"]["message"]:
        yield "completed without a word"
    if "CRASHED" in history[:-1]:
        yield f"was shown as crashed, and then as {run['state_type']}"


def _adds_up(desk: Desk, everything: list[dict[str, Any]], names: dict[str, str]) -> Iterator[str]:
    """What completed runs claim to have done cannot be more than there was to do."""
    told = {"poll": _NEW, "analyze": _TAKEN}
    for flow, form in told.items():
        lines = [run["state"]["message"] or "" for run in everything if names[run["flow_id"]] == flow]
        claimed = sum(int(found[1]) for line in lines if (found := form.search(line)))
        if claimed > len(desk.published):
            yield f"{flow} runs claim {claimed} items of {len(desk.published)}"
