"""Parsing in a worker under an audit hook, which sees every file opened and every socket touched."""

from __future__ import annotations

import importlib.machinery
import sys
import sysconfig
import time
from collections.abc import Callable

from volteface.feed_types import ParsedFeed
from volteface.parse import parse_feed

_CODE = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_SUFFIXES = tuple(importlib.machinery.all_suffixes())
_WATCHED = ("open", "os.", "socket.", "subprocess.", "urllib.", "http.", "ftplib.", "ctypes.", "exec")
_events: list[str] = []
_watching = False
_installed = False


def _hook(event: str, args: tuple[object, ...]) -> None:
    if _watching and event.startswith(_WATCHED) and not _is_import(event, args):
        _events.append(f"{event} {str(args)[:200]}")


def _is_import(event: str, args: tuple[object, ...]) -> bool:
    """Loading Python's own modules and codecs is not the feed's doing."""
    path = str(args[0]) if args else ""
    if event == "exec":
        return "/" in str(getattr(args[0], "co_filename", "")) or "frozen" in str(getattr(args[0], "co_filename", ""))
    return (
        event in ("open", "os.listdir", "os.scandir")
        and path.startswith(_CODE)
        and (event != "open" or path.endswith(_SUFFIXES) or ".pyc" in path)
    )


def watched(function: Callable[..., object], *args: object) -> tuple[object, list[str]]:
    """The result, and what was touched outside the process meanwhile."""
    global _watching, _installed
    if not _installed:
        sys.addaudithook(_hook)
        _installed = True
    _events.clear()
    _watching = True
    try:
        return function(*args), list(_events)
    finally:
        _watching = False


def parse_watched(body: bytes, url: str) -> tuple[ParsedFeed, list[str]]:
    """`parse_feed`, watched."""
    parsed, events = watched(parse_feed, body, url, None)
    assert isinstance(parsed, ParsedFeed)
    return parsed, events


def read_file_watched(path: str) -> list[str]:
    """What the watch sees of a function that opens a file."""
    return watched(lambda: open(path, "rb").close())[1]  # noqa: PTH123


def connect_watched(port: int) -> list[str]:
    """What the watch sees of a function that opens a socket."""
    import socket

    return watched(lambda: socket.create_connection(("127.0.0.1", port)).close())[1]


def parse_timed(body: bytes, url: str) -> tuple[ParsedFeed, float]:
    """`parse_feed`, and the seconds of processor time that it took."""
    started = time.process_time()
    parsed = parse_feed(body, url)
    return parsed, time.process_time() - started
