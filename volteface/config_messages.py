"""The sections of config.yaml about messages: where they go, and when."""

from __future__ import annotations

import re
from datetime import time
from functools import cached_property
from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from volteface.config_base import Strict, WebUrl

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")


def _clock(value: object) -> object:
    # YAML reads a bare 22:00 as the number 1320, of which pydantic would make 22 minutes past midnight.
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('must be a time of day in quotes, such as "07:00"')
    return value


def _timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name}: no such time zone; write one such as Europe/Berlin or UTC")
    return name


def _written(moment: time) -> str:
    return f"{moment:%H:%M}"


Clock = Annotated[time, BeforeValidator(_clock), PlainSerializer(_written, when_used="json")]
TimezoneName = Annotated[str, AfterValidator(_timezone)]


class DigestRules(Strict):
    """The message once a day: where everybody stands, what moved, what could not be seen."""

    enabled: bool = True
    at: Clock = time(7)
    """From when on it is sent; for six hours, so that a night's outage does not cost the day's digest."""
    timezone: TimezoneName = "UTC"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of `at`."""
        return ZoneInfo(self.timezone)


class QuietHours(Strict):
    """Hours in which messages wait for the morning, except those that cannot."""

    begin: Clock = Field(alias="from")
    end: Clock = Field(alias="to")
    """Earlier than `from` where the night lies between them."""
    timezone: TimezoneName = "UTC"
    let_through_rank: int = Field(default=1, ge=0, le=9)
    """Offices of this rank or a higher one (a smaller number) are heard at any hour; 0 for none."""

    @model_validator(mode="after")
    def _some_hours(self) -> Self:
        if self.begin == self.end:
            raise ValueError(f"`from` and `to` are both {self.begin:%H:%M}: leave quiet_hours out to have none")
        return self

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of `from` and `to`."""
        return ZoneInfo(self.timezone)


class Slack(Strict):
    """Where alerts go. The token comes from VOLTEFACE_SLACK_TOKEN or VOLTEFACE_SLACK_TOKEN_FILE."""

    channel: str
    api_url: WebUrl = "https://slack.com/api/"
    chart: bool = False
    """Show a picture of the position over time in each alert's thread; the app needs the scope files:write."""
    fallback_after_h: float = Field(default=2, gt=0, le=168)
    """Hours of refusal after which VOLTEFACE_FALLBACK_URLS are told, where they are set."""
    quiet_hours: QuietHours | None = None
    """When messages wait for the morning; by default never."""
    mute_hours: tuple[Annotated[int, Field(ge=1, le=336)], ...] = Field(default=(4, 12, 72), max_length=5)
    """How long the menu below an alert can mute its office on its axis, rising; empty for no menu. Buttons and menu are
    there where somebody answers them: where VOLTEFACE_SLACK_APP_TOKEN is set."""
    workspace: WebUrl | None = None
    """Address of the workspace, such as https://acme.slack.com: with it the control room links each alert to its
    message. Needs the channel's id in `channel`."""

    @model_validator(mode="after")
    def _links_have_an_id(self) -> Self:
        if self.workspace and not _CHANNEL_ID.fullmatch(self.channel):
            raise ValueError(
                f"workspace needs the channel's id in `channel`, such as C0123ABCD (Slack shows it below the channel's "
                f"details), not {self.channel!r}"
            )
        return self

    @model_validator(mode="after")
    def _mutes_rise(self) -> Self:
        if list(self.mute_hours) != sorted(set(self.mute_hours)):
            raise ValueError(f"mute_hours must rise, but is {list(self.mute_hours)}")
        return self
