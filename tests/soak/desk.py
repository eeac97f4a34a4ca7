"""The system under soak: feeds and Slack on loopback, a Prefect server, and `volteface serve` beside it."""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import httpx
import yaml

from deploy.serve import KEPT, QUIET, environment
from tests.local_slack import CHANNEL, TOKEN, LocalSlack
from tests.local_web import LocalWeb
from tests.soak.plan import FEEDS, FRAIL, Item, Plan
from tests.soak.units import Unit

ROOT = Path(__file__).parents[2]
LOCK_S = 20.0
MINUTE = "* * * * *"
SCHEDULE = dict.fromkeys(("poll", "analyze", "alert", "watchdog"), MINUTE)
SCHEDULE |= {"digest": "*/5 * * * *", "housekeeping": "*/5 * * * *"}


@dataclass
class Desk:
    """Everything that runs."""

    folder: Path
    api: str
    web: LocalWeb
    slack: LocalSlack
    server: Unit
    serve: Unit
    published: list[tuple[Item, datetime]] = field(default_factory=list)
    feed_dead: bool = False

    @property
    def database(self) -> Path:
        """The store's file."""
        return self.folder / "store.db"

    @property
    def config_file(self) -> Path:
        """The desk's config."""
        return self.folder / "desk.yaml"

    def publish(self, item: Item, now: datetime) -> None:
        """The item stands in its feed from now on."""
        self.published.append((item, now))
        self.show(item.feed)

    def show(self, feed: int) -> None:
        """Serve the feed as it is."""
        own = [entry for entry in self.published if entry[0].feed == feed]
        if self.feed_dead and feed == FRAIL:
            self.web.route(f"/{feed}.xml", status=503)
        else:
            self.web.route(f"/{feed}.xml", body=_document(feed, self.web.address, own), etag=f'"{len(own)}"')

    def lock_database(self) -> None:
        """Hold the write lock for 20 s, in a thread."""
        threading.Thread(target=_hold, args=(self.database, LOCK_S)).start()


def _hold(database: Path, seconds: float) -> None:
    with closing(sqlite3.connect(database, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")


@contextmanager
def desk(folder: Path, plan: Plan, schedule: Mapping[str, str] = SCHEDULE) -> Iterator[Desk]:
    """Everything started, and in the end stopped."""
    port = _free_port()
    api = f"http://127.0.0.1:{port}/api"
    with LocalWeb() as web, LocalSlack() as slack:
        env = _environment(api, folder)
        server = Unit("server", _server(port), env | KEPT | {"PREFECT_SERVER_API_PORT": str(port)}, folder, 5)
        command = [str(Path(sys.executable).with_name("volteface")), "--config", str(folder / "desk.yaml"), "serve"]
        running = Desk(folder, api, web, slack, server, Unit("serve", command, env, folder, 10))
        configure(running, plan, schedule)
        for feed in range(FEEDS):
            running.show(feed)
        try:
            server.start()
            _wait_until_up(api)
            running.serve.start()
            yield running
        finally:
            running.serve.stop()
            server.stop()


def is_up(api: str) -> bool:
    """Whether the Prefect server answers."""
    try:
        return httpx.get(f"{api}/health", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _wait_until_up(api: str, patience_s: float = 120) -> None:
    deadline = time.monotonic() + patience_s
    while not is_up(api):
        if time.monotonic() > deadline:
            raise TimeoutError("the Prefect server did not come up")
        time.sleep(0.5)


def _environment(api: str, folder: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "VOLTEFACE_", *QUIET))}
    own = {"PREFECT_HOME": str(folder / "prefect"), "VOLTEFACE_SLACK_TOKEN": TOKEN, "HF_HUB_OFFLINE": "1"}
    return clean | environment(api) | QUIET | own


def _server(port: int) -> list[str]:
    return [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configure(desk: Desk, plan: Plan, schedule: Mapping[str, str]) -> None:
    """Write the shipped config with our feeds, that schedule, and holders that stand where the stories begin."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    source = {"country": "INT", "ownership": "independent", "language": "en", "page": "never", "covers": ["iran", "us"]}
    document["feeds"] = [
        {"id": f"feed_{n}", "url": f"{desk.web.address}/{n}.xml", "outlet": f"Outlet {n}", **source}
        for n in range(FEEDS)
    ]
    since = (datetime.now(UTC) - timedelta(days=30)).date()
    document["positions"] = [
        {"holder": story.holder, "axis": story.axis, "value": story.standing, "since": since}
        | {"statement": "As before.", "evidence": "Said so."}
        for story in plan.stories
    ]
    document["database"] = f"sqlite:///{desk.database}"
    document["poll"] = {"allow_private_addresses": True, "host_gap_s": 0, "min_interval_s": 60}
    document["poll"] |= {"default_interval_s": 60, "max_interval_s": 60}
    document["schedule"] = dict(schedule)
    document["slack"] = {"channel": CHANNEL, "api_url": desk.slack.config.api_url}
    desk.config_file.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _document(feed: int, address: str, entries: list[tuple[Item, datetime]]) -> bytes:
    items = "".join(_item(item, at, address) for item, at in reversed(entries))
    head = f"<title>Outlet {feed}</title><link>{address}</link>"
    return f'<rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def _item(item: Item, at: datetime, address: str) -> str:
    link = f"{address}/article/{item.number}"
    return (
        f"<item><title>{escape(item.title)}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>{escape(item.text)}</description><pubDate>{format_datetime(at)}</pubDate></item>"
    )
