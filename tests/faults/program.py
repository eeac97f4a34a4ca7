"""The program under test: one pass of the real steps on a real store, with a fuse at each boundary between and inside
them. It is also what runs in a real process, where the fuse is SIGKILL."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from tests.fakes import LengthEmbedder, MarkedReader
from tests.local_slack import TOKEN
from volteface.analyze import analyze_all
from volteface.config import Config
from volteface.deliver import deliver
from volteface.detect import detect
from volteface.errors import StoreError
from volteface.feed_types import Fetched
from volteface.fetch import Web
from volteface.poll import poll
from volteface.secrets import Secret
from volteface.slack_render import Message
from volteface.slack_send import SlackSink
from volteface.slack_thread import Update
from volteface.store import Store
from volteface.texts import fill_texts
from volteface.types import Document, Extractors, Reading, Vectors
from volteface.workers import Workers

T = TypeVar("T")
SLACK_TIMEOUT_S = 1
COLLIDED = 3
"""Exit code of a process whose store refused it: another had been there first."""


class Killed(BaseException):
    """The program is dead: nothing in it may catch this, or do anything after it."""


def raise_killed() -> None:
    """Die as far as a thread of a living process can."""
    raise Killed


def kill_self() -> None:
    """Die as with `kill -9`."""
    os.kill(os.getpid(), signal.SIGKILL)


class Fuse:
    """Blows at the boundary of that number (1 is the first), and at every one after it."""

    def __init__(self, at: int | None, blow: Callable[[], None] = raise_killed) -> None:
        self.passed = 0
        self._at, self._blow = at, blow

    def tick(self) -> None:
        """A boundary."""
        self.passed += 1
        if self._at is not None and self.passed >= self._at:
            self._blow()


_thread = threading.local()


def tick() -> None:
    """A boundary of the program that this thread runs, if it runs one."""
    fuse: Fuse | None = getattr(_thread, "fuse", None)
    if fuse is not None:
        fuse.tick()


# Each statement, and each commit before it takes effect: inside transactions and, with the next statement, after them.
@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def _before_statement(*_: Any) -> None:
    tick()


@sa.event.listens_for(sa.Engine, "commit")
def _before_commit(_: sa.Connection) -> None:
    tick()


class Ears(Web):
    """The web, with boundaries before and after each request."""

    async def get(self, url: str, **wishes: Any) -> Fetched:
        """As `Web.get`."""
        tick()
        fetched = await super().get(url, **wishes)
        tick()
        return fetched


class Inline(Workers):
    """Parses in this process: worker processes take a second to start, and are not what is tested here."""

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """As `Workers.run`."""
        return function(*args)


class Instruments:
    """A reader and an embedder that know marks, with boundaries around them."""

    name = "marked"

    def read(self, documents: Sequence[Document]) -> list[tuple[Reading, ...]]:
        """As `volteface.types.Reader.read`."""
        tick()
        return MarkedReader().read(documents)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As `volteface.types.Embedder.embed`."""
        tick()
        return LengthEmbedder().embed(texts)


class Mouth:
    """The real sender, with boundaries before and after each message and, by its clock, before each call that shows."""

    name = "slack"

    def __init__(self, config: Config) -> None:
        self._slack = SlackSink(
            Secret(TOKEN), config.slack, timeout_s=SLACK_TIMEOUT_S, clock=_ticking_clock, sleep=lambda _: None
        )

    def verify(self) -> str:
        """As `Sink.verify`."""
        return self._slack.verify()

    def send(self, message: Message, *, check_history: bool) -> str:
        """As `Sink.send`."""
        tick()
        receipt = self._slack.send(message, check_history=check_history)
        tick()
        return receipt

    def update(self, update: Update, *, check_history: bool) -> str:
        """As `Sink.update`."""
        tick()
        receipt = self._slack.update(update, check_history=check_history)
        tick()
        return receipt


def _ticking_clock() -> float:
    tick()
    return 0.0


class Machine:
    """What a program runs on: an event loop, a client of the web, connections to the database.

    In one process they outlive the program's death, for they cost more than a pass; a killed process loses them.
    """

    def __init__(self, config: Config) -> None:
        self._loop = asyncio.Runner()
        self._web = Ears(config.poll)
        self.store = Store.open(config.database)

    def close(self) -> None:
        """Let go of the sockets."""
        self.store.close()
        self._loop.run(self._web.__aexit__(None, None, None))
        self._loop.close()

    def live(self, config: Config, now: datetime, sender: str, fuse: Fuse) -> None:
        """One life: do everything that is due. Raises Killed and StoreError."""
        _thread.fuse, instruments = fuse, Instruments()
        try:
            self._loop.run(self._poll(config, self.store, now))
            analyze_all(config, self.store, lambda: Extractors(instruments, instruments), now)
            detect(config, self.store, now)
            deliver(config, self.store, Mouth(config), lambda: now, sender)
        finally:
            _thread.fuse = None

    async def _poll(self, config: Config, store: Store, now: datetime) -> None:
        workers = Inline()
        await poll(config, store, self._web, workers, lambda: now)
        await fill_texts(config, store, self._web, workers, lambda: now)


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a real process."""

    config: Config
    now: datetime
    sender: str
    boundary: int | None


def live_as_process(life: Life) -> None:
    """What a real process runs, to its end, to its SIGKILL, or to exit code COLLIDED."""
    logging.disable(logging.CRITICAL)
    machine = Machine(life.config)
    try:
        machine.live(life.config, life.now, life.sender, Fuse(life.boundary, kill_self))
    except StoreError:
        raise SystemExit(COLLIDED) from None
    machine.close()
