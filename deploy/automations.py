"""Prefect automations that come with the deployments: they work in the server, also when our own process is gone.

A run whose process died is marked crashed. With VOLTEFACE_OPS_WEBHOOK (a Slack incoming webhook, or any address that
takes JSON `{"text": ...}`) the server itself also tells of runs that failed, of deliveries that failed, of outages, and
of a poller that completes no run: the dead-man's switch for the day on which the watchdog is dead, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import Automation
from prefect.blocks.notifications import CustomWebhookNotificationBlock
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState, SendNotification
from prefect.events.schemas.automations import EventTrigger, Posture

from deploy.serve import HEARTBEAT_S, LOST_BEATS, TAG
from volteface.config import Config
from volteface.secrets import Secret, secret

WEBHOOK = "VOLTEFACE_OPS_WEBHOOK"
BLOCK = "volteface-ops"
_OURS = {"prefect.resource.id": f"prefect.tag.{TAG}", "prefect.resource.role": "tag"}
_RUN = {"prefect.resource.id": "prefect.flow-run.*"}


def install(config: Config, env: Mapping[str, str], *, private: bool = False) -> tuple[str, ...]:
    """Create our automations, or bring them up to date; their names. Needs a Prefect API, and no event loop.

    `private` lets the webhook be on this machine: for tests. Raises ConfigError where the secret cannot be used.
    """
    return asyncio.run(_install(config, secret(WEBHOOK, env), private))


async def _install(config: Config, hook: Secret | None, private: bool) -> tuple[str, ...]:
    wanted = [dead_runs()]
    if hook is not None:
        wanted += told(config, await _block(hook, private))
    for automation in wanted:
        await _save(automation)
    return tuple(automation.name for automation in wanted)


def dead_runs() -> Automation:
    """A run whose heartbeat stopped is marked crashed; otherwise it would look alive for ever."""
    silence = {
        "after": {"prefect.flow-run.heartbeat"},
        "expect": {"prefect.flow-run.*"},
        "match": _RUN,
        "match_related": _OURS,
        "for_each": {"prefect.resource.id"},
        "posture": Posture.Proactive,
        "threshold": 1,
        "within": timedelta(seconds=LOST_BEATS * HEARTBEAT_S),
    }
    action = {"state": StateType.CRASHED, "message": "marked crashed: its heartbeat stopped"}
    crashed, trigger = ChangeFlowRunState.model_validate(action), EventTrigger.model_validate(silence)
    about = "A run that shows no sign of life is dead, and must not look alive."
    return Automation(name="volteface: mark dead runs crashed", description=about, trigger=trigger, actions=[crashed])


def told(config: Config, block: UUID) -> Iterator[Automation]:
    """What the server tells by itself, each through the webhook."""
    ended = {"prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"}
    about = "A run of ours failed, crashed or ran out of time: so also when Slack refuses every message."
    yield _when("a run failed", about, block, _RUN_TEXT, expect=ended, match=_RUN, match_related=_OURS)
    about = "Messages were given up: nobody will get them."
    given_up = "{{ event.payload.dead }} given up"
    yield _when("delivery failed", about, block, given_up, expect={"volteface.delivery.failed"})
    about = "The watchdog found a fault: no poll, a side below its floor, work undone or undelivered, a dead feed."
    yield _when("outage", about, block, _WORDS, expect={"volteface.outage.began"})
    about = "A fault that the watchdog had found is gone."
    yield _when("outage over", about, block, _WORDS, expect={"volteface.outage.over"})
    minutes = config.health.poll_max_min
    poll = {"prefect.resource.role": "flow", "prefect.resource.name": "poll"}
    yield _when(
        "nothing polls",
        f"No poll was completed for {minutes:g} minutes, whatever the reason: the dead-man's switch.",
        block,
        f"no poll run was completed for {minutes:g} minutes: is `volteface serve` alive?",
        expect={"prefect.flow-run.Completed"},
        match=_RUN,
        match_related=poll,
        posture=Posture.Proactive,
        within=timedelta(minutes=minutes),
    )


_WORDS = "{{ event.payload.words }}"
_RUN_TEXT = "{{ flow.name }} / {{ flow_run.name }}: {{ flow_run.state.message }}"


def _when(name: str, about: str, block: UUID, text: str, **trigger: Any) -> Automation:
    action = SendNotification(block_document_id=block, subject=f"volteface: {name}", body=text)
    plain: dict[str, Any] = {"posture": Posture.Reactive, "threshold": 1}
    fires = EventTrigger.model_validate(plain | trigger)
    return Automation(name=f"volteface: tell of {name}", description=about, trigger=fires, actions=[action])


async def _block(hook: Secret, private: bool) -> UUID:
    fields = {"url": hook.reveal(), "json_data": {"text": "{{subject}}\n{{body}}"}, "allow_private_urls": private}
    block = CustomWebhookNotificationBlock.model_validate({"name": BLOCK, "method": "POST"} | fields)
    return await block.asave(BLOCK, overwrite=True)


async def _save(automation: Automation) -> None:
    try:
        known = await Automation.aread(name=automation.name)
    except ValueError:  # There is none of this name.
        await automation.acreate()
        return
    if _content(known) != _content(automation):  # An update would make the server forget which runs it waits for.
        automation.id = known.id
        await automation.aupdate()


def _content(automation: Automation) -> dict[str, Any]:
    ours = {"enabled", "description", "trigger", "actions"}
    return automation.model_dump(mode="json", include=ours, exclude={"trigger": {"id"}})
