"""The buttons below an alert, and what a click on one of them says. Pure.

A click comes from outside: nothing of it is believed but what one of our own buttons can have sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from volteface.config import Config
from volteface.mrkdwn import clean, inert
from volteface.slack_blocks import NAME, Block
from volteface.types import Shift
from volteface.verdicts import LONGEST_NAME, VerdictKind, duration

PREFIX = "volteface_"
"""Begins the `action_id` of each of our buttons."""
MUTE = f"{PREFIX}mute"
LABELS = {
    VerdictKind.ACKNOWLEDGED: "Seen",
    VerdictKind.TRUE_SHIFT: "True shift",
    VerdictKind.RESTATEMENT: "Restatement",
    VerdictKind.WRONG_SPEAKER: "Wrong speaker",
    VerdictKind.OLD_NEWS: "Old news",
}
"""In the order in which they stand: five buttons and a menu fit one row of Slack's window."""
LONGEST_KEY = 40
"""Characters of an alert's key that a button can carry; ours have 20."""
OFFICE = 46
CLOCK_SKEW = timedelta(days=1)

_KINDS = {f"{PREFIX}{kind.value}": kind for kind in LABELS}
_Text = Annotated[str, Field(max_length=300)]


class NotOurs(ValueError):
    """No button of ours sends this. The message says why and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Click:
    """What somebody said by pressing a button."""

    key: str
    """The alert's key."""
    kind: VerdictKind
    mute_for: timedelta | None
    """How long the alert's holder and axis are to be muted, if that was chosen."""
    by: str
    """User name and id: `ann, U012ABCDEF`."""
    at: datetime
    """When the button was pressed, as Slack tells: the same however often the click is delivered."""


def buttons(shift: Shift, config: Config) -> Block | None:
    """One row: the verdicts, and a menu of mutes where `slack.mute_hours` has any. None where no button could carry the
    alert's key."""
    if not _can_be_carried(shift.key):
        return None
    elements = [_button(kind, label, shift.key) for kind, label in LABELS.items()]
    if config.slack.mute_hours:
        elements.append(_mutes(shift, config))
    return {"type": "actions", "elements": elements}


def _can_be_carried(key: str) -> bool:
    return 0 < len(key) <= LONGEST_KEY and clean(key) == key


def _button(kind: VerdictKind, label: str, key: str) -> Block:
    return {"type": "button", "action_id": f"{PREFIX}{kind.value}", "text": _plain(label), "value": key}


def _mutes(shift: Shift, config: Config) -> Block:
    office, axis = config.office.get(shift.holder), config.axis.get(shift.axis)
    who = inert(office.name if office else shift.holder, OFFICE) or "this office"
    about = inert(axis.name if axis else shift.axis, NAME) or "this subject"
    options = [{"text": _plain(f"Mute for {h} h"), "value": f"{h}h {shift.key}"} for h in config.slack.mute_hours]
    confirm = {
        "title": _plain("Mute for a time?"),
        "text": _plain(f"Alerts of {who} on {about} will wait. Escalations come all the same."),
        "confirm": _plain("Mute"),
        "deny": _plain("Cancel"),
    }
    return {"type": "overflow", "action_id": MUTE, "options": options, "confirm": confirm}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


class _User(BaseModel, frozen=True):
    id: Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,20}$")]
    name: _Text = ""


class _Channel(BaseModel, frozen=True):
    id: _Text


class _Option(BaseModel, frozen=True):
    value: _Text


class _Action(BaseModel, frozen=True):
    action_id: Annotated[str, Field(max_length=60)]
    action_ts: Annotated[str, Field(pattern=r"^\d{9,10}\.\d{1,6}$")]
    value: _Text = ""
    selected_option: _Option | None = None


class _Payload(BaseModel, frozen=True):
    """What we read of Slack's `block_actions`; there is more in it."""

    type: Literal["block_actions"]
    user: _User
    channel: _Channel
    actions: Annotated[tuple[_Action, ...], Field(min_length=1, max_length=1)]


def click_of(payload: Mapping[str, Any], channel: str, now: datetime) -> Click:
    """The click that an interaction payload tells of; `channel` is the id of the one where our messages stand.

    Raises NotOurs.
    """
    try:
        read = _Payload.model_validate(payload)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
        raise NotOurs(f"its {where or 'form'} is not that of a click on a button") from None
    if read.channel.id != channel:
        raise NotOurs("it comes from another channel")
    (action,) = read.actions
    at = datetime.fromtimestamp(float(action.action_ts), UTC)
    if abs(now - at) > CLOCK_SKEW:
        raise NotOurs("it was not pressed today")
    kind, mute_for, key = _said(action)
    if not _can_be_carried(key):
        raise NotOurs("it names no alert")
    return Click(key, kind, mute_for, _name(read.user), at)


def _said(action: _Action) -> tuple[VerdictKind, timedelta | None, str]:
    """What it is, for how long, and the alert's key."""
    if action.action_id in _KINDS:
        return _KINDS[action.action_id], None, action.value
    if action.action_id != MUTE or action.selected_option is None:
        raise NotOurs("no button of ours does that")
    span, _, key = action.selected_option.value.partition(" ")
    try:
        return VerdictKind.ACKNOWLEDGED, duration(span), key
    except ValueError:
        raise NotOurs("it asks for no time span") from None


def _name(user: _User) -> str:
    name = clean(user.name)[: LONGEST_NAME - len(user.id) - 2].rstrip()
    return f"{name}, {user.id}" if name else user.id
