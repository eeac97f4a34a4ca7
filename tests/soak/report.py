"""What a soak came to, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tests.soak.desk import Desk
from tests.soak.judge import notices
from tests.soak.plan import Blow, Plan
from tests.soak.watch import Cost, Watch, flow_names, runs

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Felt:
    """A blow that has fallen."""

    at_s: float
    when: datetime
    blow: Blow
    runs: int
    """In progress when it fell."""


def summary(
    desk: Desk, plan: Plan, watch: Watch, felt: Sequence[Felt], wrong: Sequence[str], seed: int
) -> dict[str, Any]:
    """Everything in numbers and words."""
    states: defaultdict[str, Counter[str]] = defaultdict(Counter)
    names = flow_names(desk.api)
    ended = [run for run in runs(desk.api, {}) if run["state_type"] != "SCHEDULED"]
    for run in ended:
        states[names[run["flow_id"]]][run["state_type"]] += 1
    polls = [run["end_time"] for run in ended if _is(run, names, "poll", "COMPLETED")]
    return {
        "minutes": plan.seconds / MINUTE,
        "seed": seed,
        "items": len(plan.items),
        "alerts": len(plan.stories),
        "messages": len(desk.slack.all_keys),
        "notices": notices(desk),
        "runs": {flow: dict(counts) for flow, counts in sorted(states.items())},
        "blows": [
            {"at_s": round(f.at_s), "blow": f.blow.value, "runs": f.runs, "next_poll_s": _until(polls, f.when)}
            for f in felt
        ],
        "longest_ghosts": [{"run": g.name, "state": g.state, "lasted_s": round(g.lasted_s)} for g in longest(watch)],
        "api_silent_s": watch.blind_s,
        "starts": {"server": desk.server.starts, "serve": desk.serve.starts},
        "surprises": desk.server.surprises + desk.serve.surprises,
        "polls": len(desk.web.requests),
        "cost": [asdict(cost) for cost in every_minutes(watch.costs, 5)],
        "wrong": list(wrong),
    }


def _is(run: dict[str, Any], names: dict[str, str], flow: str, state: str) -> bool:
    return (names[run["flow_id"]], run["state_type"]) == (flow, state)


def _until(ends: Sequence[str], when: datetime) -> int | None:
    """Seconds from `when` to the first of the ends after it."""
    waits = [(datetime.fromisoformat(end) - when).total_seconds() for end in ends]
    return min((round(wait) for wait in waits if wait > 0), default=None)


def longest(watch: Watch, count: int = 5) -> list[Any]:
    """The runs that looked alive longest without being so."""
    return sorted(watch.ghosts.values(), key=lambda ghost: -ghost.lasted_s)[:count]


def every_minutes(costs: Sequence[Cost], minutes: float) -> list[Cost]:
    """The first look at or after each so many minutes, and the last."""
    kept: list[Cost] = []
    for cost in costs:
        if not kept or cost.at_s - kept[-1].at_s >= minutes * MINUTE:
            kept.append(cost)
    return kept + [cost for cost in costs[-1:] if cost not in kept]


def page(summary: dict[str, Any]) -> str:
    """Markdown, without a heading."""
    blows = "\n".join(
        f"| {b['at_s'] / MINUTE:.1f} | {b['blow']} | {b['runs']} | {b['next_poll_s']} |" for b in summary["blows"]
    )
    states = "\n".join(
        f"| {flow} | " + " | ".join(str(by_state.get(state, 0)) for state in _STATES) + " |"
        for flow, by_state in summary["runs"].items()
    )
    cost = "\n".join(
        f"| {c['at_s'] / MINUTE:.0f} | {c['server_cpu_s']:.0f} | {c['server_mib']:.0f} | {c['serve_cpu_s']:.0f} "
        f"| {c['serve_mib']:.0f} | {c['runs_mib']:.0f} |"
        for c in summary["cost"]
    )
    verdict = "nothing wrong" if not summary["wrong"] else "; ".join(summary["wrong"])
    counts = f"{summary['items']} items, {summary['alerts']} alerts due, {summary['messages']} messages in Slack"
    return f"""{summary["minutes"]:g} minutes, seed {summary["seed"]}: {counts}. **{verdict}**.

| minute | blow | runs in progress | s until the next poll was complete |
|---|---|---|---|
{blows}

| runs of | completed | failed | cancelled | crashed |
|---|---|---|---|---|
{states}

| minute | server: CPU s | RSS MiB | serve and its runs: CPU s | serve RSS MiB | its runs' RSS MiB |
|---|---|---|---|---|---|
{cost}
"""


_STATES = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")


def as_json(summary: dict[str, Any]) -> str:
    """For programs."""
    return json.dumps(summary, indent=1, ensure_ascii=False) + "\n"
