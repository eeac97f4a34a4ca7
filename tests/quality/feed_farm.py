"""Thousands of feeds on loopback, each a host of its own: `python -m tests.quality.feed_farm` prints its port.

A process apart from those that are measured. On day 1 every feed answers in full; from day 2 on (`GET /day/2`) most
answer 304, some bring new items, some the old ones in other bytes, some never answer, and some drip a byte at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import Enum

ITEMS = 25
"""Items of a feed, each with a headline and a summary of 40 words: 11 kB, as headline feeds of news sites are."""
START = datetime(2026, 11, 1, tzinfo=UTC)
DRIP_EVERY_S = 0.5
WORDS = re.findall(
    r"\w+",
    "harbour council lantern meadow copper orchard signal ferry granite willow ledger canvas timber saddle beacon "
    "cellar violin quarry pepper ribbon anchor barrel candle dagger ember falcon garnet hammer island jacket kettle",
)


class Kind(Enum):
    """What a feed does from day 2 on, and the hundredths of the feeds that do so."""

    DEAD = range(0, 1)
    DRIP = range(1, 2)
    STILL = range(2, 72)
    NEWS = range(72, 86)
    SAME = range(86, 100)


def kind_of(number: int) -> Kind:
    """The kind of a feed; dead and slow ones lie evenly among the others."""
    return next(kind for kind in Kind if number % 100 in kind.value)


def url_of(number: int, port: int) -> str:
    """A feed's address: `number` 0 to 60,000, each on a loopback address of its own."""
    return f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/feed/{number}"


def etag_of(number: int) -> str:
    """The validator that a feed had on day 1."""
    return f'"{number}-1"'


def body_of(number: int, day: int) -> bytes:
    """The feed's document; its items are the same every day, but for the five new ones of a feed with news."""
    first = 5 * (day - 1) if kind_of(number) is Kind.NEWS else 0
    items = "".join(_item(number, first + i) for i in reversed(range(ITEMS)))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Feed {number}</title>'
        f"<link>http://feeds.example/{number}</link><lastBuildDate>{_date(day * 24)}</lastBuildDate>{items}"
        "</channel></rss>"
    ).encode()


def _item(number: int, i: int) -> str:
    words = random.Random(number * 1000 + i).choices(WORDS, k=50)
    link = f"http://feeds.example/{number}/{i}"
    return (
        f"<item><title>{' '.join(words[:10])}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{_date(i)}</pubDate><description>&lt;p&gt;{' '.join(words[10:])}&lt;/p&gt;</description></item>"
    )


def _date(hours: int) -> str:
    return format_datetime(START + timedelta(hours=hours), usegmt=True)


@dataclass
class Farm:
    """The server's state: the day, and for how long a slow feed drips."""

    drip_s: float
    day: int = 1

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            await self._reply(head, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return  # who asked has hung up, as time limits make them
        finally:
            writer.close()

    async def _reply(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        what, number = head.split(" ", 2)[1].strip("/").split("/")
        if what == "day":
            self.day = int(number)
            return writer.write(_http(204))
        kind = kind_of(int(number))
        if self.day > 1 and kind is Kind.DEAD:
            await reader.read()
            return None
        if self.day > 1 and kind is Kind.DRIP:
            return await self._drip(writer)
        if self.day > 1 and kind is Kind.STILL and f"if-none-match: {etag_of(int(number))}" in head:
            return writer.write(_http(304))
        body, tag = body_of(int(number), self.day), etag_of(int(number)).replace("-1", f"-{self.day}")
        writer.write(_http(200, body, tag if kind is not Kind.STILL else etag_of(int(number))))
        return await writer.drain()

    async def _drip(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nConnection: close\r\n\r\n<rss>")
        for _ in range(round(self.drip_s / DRIP_EVERY_S)):
            await asyncio.sleep(DRIP_EVERY_S)
            writer.write(b" ")
            await writer.drain()


def _http(status: int, body: bytes = b"", etag: str = "") -> bytes:
    head = [f"HTTP/1.1 {status} X", "Content-Type: application/rss+xml", "Connection: close"]
    if status == 200:
        head += [f"Content-Length: {len(body)}", f"ETag: {etag}"]
    return "\r\n".join([*head, "", ""]).encode() + body


async def serve(drip_s: float) -> None:
    """Serve until killed; the port is the first line of the output."""
    server = await asyncio.start_server(Farm(drip_s).answer, "0.0.0.0", 0, backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drip-s", type=float, default=10)
    asyncio.run(serve(parser.parse_args().drip_s))
