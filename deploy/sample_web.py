"""A loopback web server that publishes the sample feeds as of a simulated time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self
from xml.etree import ElementTree

import yaml

SAMPLE = Path(__file__).parent / "sample" / "feeds.yaml"
ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Item:
    """One sample article."""

    feed: str
    at: datetime
    title: str
    text: str
    section: str = "news"
    dated: datetime | None = None
    """The date that the feed gives, where it is not the time at which the item appears."""

    @property
    def stamp(self) -> datetime:
        """What the feed says of its age."""
        return self.dated or self.at


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample feeds and their items."""

    feeds: dict[str, dict[str, Any]]
    items: tuple[Item, ...]


@dataclass
class Clock:
    """The simulated time, which the web server shares with the flows."""

    now: datetime = datetime(2025, 2, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The present."""
        return self.now


def load_sample(path: Path = SAMPLE) -> Sample:
    """Read the shipped sample (our own sentences)."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Sample(raw["feeds"], tuple(_item(fields) for fields in raw["items"]))


def _item(fields: dict[str, Any]) -> Item:
    times = {
        name: datetime.fromisoformat(fields[name]).replace(tzinfo=UTC) for name in ("at", "dated") if name in fields
    }
    return Item(**dict(fields, **times))


class SampleWeb(AbstractContextManager["SampleWeb"]):
    """Serves each feed as RSS or Atom with what was published by `clock()`; answers 304 where nothing is new."""

    def __init__(self, sample: Sample, clock: Callable[[], datetime]) -> None:
        self.sample, self.clock = sample, clock
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, etag: str | None) -> tuple[int, bytes, str]:
        """Status, body and ETag for a request."""
        name = path.strip("/").removesuffix(".xml")
        feed = self.sample.feeds.get(name)
        if feed is None or "broken" in feed:
            return (404 if feed is None else int(feed["broken"])), b"", ""
        body = self._render(name, feed)
        mark = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        return (304, b"", mark) if etag == mark else (200, body, mark)

    def _render(self, name: str, feed: dict[str, Any]) -> bytes:
        now = self.clock()
        items = [item for item in self.sample.items if item.feed == name and item.at <= now]
        newest = sorted(items, key=lambda item: item.at, reverse=True)[:20]
        tree = (_atom if feed["format"] == "atom" else _rss)(self.address, name, feed["outlet"], newest)
        body: bytes = ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
        return body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body, etag = web.answer(self.path, self.headers.get("If-None-Match"))
                self.send_response(status)
                self.send_header("Content-Type", "application/xml; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                if etag:
                    self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Say nothing: the demo's terminal belongs to the product."""

        return Handler


def _link(address: str, name: str, item: Item) -> str:
    return f"{address}/{name}/{item.section}/{item.at:%Y-%m-%d-%H%M}"


def _rss(address: str, name: str, outlet: str, items: list[Item]) -> ElementTree.Element:
    root = ElementTree.Element("rss", version="2.0")
    channel = _add(root, "channel")
    for tag, text in (("title", outlet), ("link", f"{address}/{name}"), ("language", "en")):
        _add(channel, tag, text)
    for item in items:
        entry = _add(channel, "item")
        link = _link(address, name, item)
        fields = {"title": item.title, "link": link, "guid": link, "description": item.text}
        for tag, text in {**fields, "pubDate": format_datetime(item.stamp)}.items():
            _add(entry, tag, text)
    return root


def _atom(address: str, name: str, outlet: str, items: list[Item]) -> ElementTree.Element:
    root = ElementTree.Element("feed", xmlns=ATOM)
    for tag, text in (("title", outlet), ("id", f"{address}/{name}")):
        _add(root, tag, text)
    for item in items:
        entry, link = _add(root, "entry"), _link(address, name, item)
        ElementTree.SubElement(entry, "link", href=link)
        stamp = item.stamp.isoformat()
        fields = {"title": item.title, "id": link, "summary": item.text, "published": stamp, "updated": stamp}
        for tag, text in fields.items():
            _add(entry, tag, text)
    return root


def _add(parent: ElementTree.Element, tag: str, text: str = "") -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag)
    child.text = text
    return child
