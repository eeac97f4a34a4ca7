"""A Slack on loopback: the Web API methods that we use, with Slack's limits and with faults that a test orders.

Limits and error codes are those of Slack's documentation (docs.slack.dev: Block Kit reference, chat.postMessage, rate
limits). It answers the real slack-sdk over real HTTP; it cannot show that Slack itself behaves so.
"""

from __future__ import annotations

import json
import math
import re
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl

from volteface.config import Slack

TOKEN = "xoxb-marked-4711-DO-NOT-SHOW"
CHANNEL = "C0IRANUS01"
Answer = dict[str, Any]


class Fault(StrEnum):
    """What can go wrong with one call."""

    LOST_REPLY = "lost reply"
    """Slack does what was asked, and the connection breaks before it says so."""
    RESET = "reset"
    """The connection is reset before anything is done."""
    SILENCE = "silence"
    """Slack does what was asked, and answers too late."""
    ERROR_500 = "500"
    PROXY_PAGE = "proxy page"
    """An HTML page with status 200, as captive portals send."""
    JSON_LIST = "json list"
    RATE_LIMIT = "429"


@dataclass
class Channel:
    """A channel as the bot sees it."""

    id: str = CHANNEL
    name: str = "iran-us"
    archived: bool = False
    member: bool = True
    posts: list[Answer] = field(default_factory=list)


@dataclass(frozen=True)
class Call:
    """One request that came in."""

    at: float
    method: str
    arguments: Answer
    status: int


class LocalSlack:
    """Use as a context manager. `channels` and `scopes` may be changed at any time."""

    def __init__(self, *, per_second: float = math.inf, burst: int = 1, retry_after: int = 1, silence_s: float = 2):
        self.channels = {CHANNEL: Channel()}
        self.tokens = {TOKEN}
        self.scopes = {"chat:write", "channels:read", "channels:history"}
        self.calls: list[Call] = []
        self.page = 100
        """Largest page that a listing returns, whatever was asked for."""
        self.retry_after, self.silence_s = retry_after, silence_s
        self._per_second, self._burst = per_second, burst
        self._tokens: dict[str, tuple[float, float]] = {}
        self._faults: defaultdict[str, deque[Fault | str]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"slack": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def config(self) -> Slack:
        """How our configuration names this Slack."""
        return Slack(channel="#iran-us", api_url=f"http://127.0.0.1:{self._server.server_port}/api/")

    @property
    def posts(self) -> list[Answer]:
        """What is visible in the channel, oldest first."""
        return self.channels[CHANNEL].posts

    @property
    def keys(self) -> list[str]:
        """Idempotency keys of the visible messages, oldest first."""
        return [post["metadata"]["event_payload"]["key"] for post in self.posts]

    def fail(self, method: str, *faults: Fault | str) -> None:
        """The next calls of `method` fail so, one each; a plain string is an error code with status 200."""
        self._faults[method].extend(faults)

    def take(self, method: str, token: str, arguments: Answer) -> tuple[int, Answer, Fault | None]:
        """Status, answer, and the fault in force on the connection."""
        with self._lock:
            fault = self._faults[method].popleft() if self._faults[method] else None
            status, answer = self._answer(method, token, arguments, fault)
            self.calls.append(Call(time.monotonic(), method, arguments, status))
        return status, answer, fault if isinstance(fault, Fault) else None

    def _answer(self, method: str, token: str, arguments: Answer, fault: Fault | str | None) -> tuple[int, Answer]:
        if fault in _REFUSALS:
            return _REFUSALS[fault]
        if fault and not isinstance(fault, Fault):
            return 200, _error(fault)
        if token not in self.tokens:
            return 200, _error("invalid_auth" if token else "not_authed")
        if self._too_fast(method, arguments):
            return 429, _error("ratelimited")
        return 200, METHODS[method](self, arguments) if method in METHODS else _error("unknown_method")

    def _too_fast(self, method: str, arguments: Answer) -> bool:
        if method != "chat.postMessage" or self._per_second == math.inf:
            return False
        channel, now = str(arguments.get("channel")), time.monotonic()
        left, then = self._tokens.get(channel, (float(self._burst), now))
        left = min(float(self._burst), left + (now - then) * self._per_second)
        self._tokens[channel] = (left - (left >= 1), now)
        return left < 1

    def channel(self, name: str) -> Channel | None:
        """By id or by name, as posting allows."""
        return next((c for c in self.channels.values() if name in (c.id, c.name, f"#{c.name}")), None)

    def cut(self, items: list[Answer], arguments: Answer) -> tuple[list[Answer], Answer]:
        """One page of a listing, and the cursor to the next."""
        start, size = int(arguments.get("cursor") or 0), min(int(arguments.get("limit") or 100), self.page)
        more = start + size < len(items)
        return items[start : start + size], {"next_cursor": str(start + size) if more else ""}


def _post(slack: LocalSlack, arguments: Answer) -> Answer:
    if "chat:write" not in slack.scopes:
        return _error("missing_scope")
    channel = slack.channel(arguments.get("channel", ""))
    if channel is None or (fault := _fault(channel, arguments)):
        return _error(fault if channel else "channel_not_found")
    ts = f"{time.time():.0f}.{len(slack.calls):06d}"
    channel.posts.append({"ts": ts, **arguments})
    return {"ok": True, "ts": ts, "channel": channel.id, "message": {"ts": ts, "text": arguments.get("text")}}


def _update(slack: LocalSlack, arguments: Answer) -> Answer:
    channel = slack.channels.get(arguments.get("channel", ""))  # An id; names are not taken here.
    if channel is None or (fault := _fault(channel, arguments)):
        return _error(fault if channel else "channel_not_found")
    post = next((post for post in channel.posts if post["ts"] == arguments.get("ts")), None)
    if post is None:
        return _error("message_not_found")
    post.update(arguments)
    return {"ok": True, "ts": post["ts"], "channel": channel.id}


def _history(slack: LocalSlack, arguments: Answer) -> Answer:
    channel = slack.channels.get(arguments.get("channel", ""))
    if "channels:history" not in slack.scopes:
        return _error("missing_scope")
    if channel is None or not channel.member:
        return _error("not_in_channel" if channel else "channel_not_found")
    oldest = float(arguments.get("oldest") or 0)
    shown = [dict(post) for post in reversed(channel.posts) if float(post["ts"]) > oldest]
    if str(arguments.get("include_all_metadata")).lower() not in {"1", "true"}:
        for post in shown:
            post.pop("metadata", None)
    page, metadata = slack.cut(shown, arguments)
    return {"ok": True, "messages": page, "has_more": bool(metadata["next_cursor"]), "response_metadata": metadata}


def _list(slack: LocalSlack, arguments: Answer) -> Answer:
    if "channels:read" not in slack.scopes:
        return _error("missing_scope")
    every = [{"id": c.id, "name": c.name, "is_archived": c.archived} for c in slack.channels.values()]
    page, metadata = slack.cut(every, arguments)
    return {"ok": True, "channels": page, "response_metadata": metadata}


METHODS: dict[str, Callable[[LocalSlack, Answer], Answer]] = {
    "auth.test": lambda slack, arguments: {"ok": True, "user": "volteface", "team": "Desk", "bot_id": "B0BOT"},
    "chat.postMessage": _post,
    "chat.update": _update,
    "conversations.history": _history,
    "conversations.list": _list,
}


def _error(code: str) -> Answer:
    return {"ok": False, "error": code}


_REFUSALS: dict[Fault | str | None, tuple[int, Answer]] = {
    Fault.RATE_LIMIT: (429, _error("ratelimited")),
    Fault.ERROR_500: (500, _error("internal_error")),
    **dict.fromkeys((Fault.RESET, Fault.PROXY_PAGE, Fault.JSON_LIST), (200, {})),
}
"""Faults that come before anything is done."""


def _fault(channel: Channel, arguments: Answer) -> str:
    return "is_archived" if channel.archived else _message_fault(arguments) if channel.member else "not_in_channel"


def _message_fault(arguments: Answer) -> str:
    """Slack's code for what is wrong with a message; empty if nothing is."""
    blocks = arguments.get("blocks") or []
    if not arguments.get("text") and not blocks:
        return "no_text"
    if len(arguments.get("text", "")) > 40_000:
        return "msg_too_long"
    if len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
        return "msg_blocks_too_long"
    if len(json.dumps(arguments.get("metadata", {}))) > 8_000:
        return "metadata_too_large"
    return "invalid_blocks" if len(blocks) > 50 or any(_block_fault(block) for block in blocks) else ""


def _block_fault(block: Answer) -> str:
    """What is wrong with a block, in words; empty if nothing is."""
    kind = block.get("type")
    texts = [block["text"]] if "text" in block else []
    if kind == "header":
        return _text_fault(texts, 1, 150, {"plain_text"})
    if kind == "section":
        fields = block.get("fields", [])
        wrong = _text_fault(fields, len(texts) == 0, 2000) or _text_fault(texts, len(fields) == 0, 3000)
        return "more than 10 fields" if len(fields) > 10 else wrong
    if kind == "context":
        elements = block.get("elements", [])
        return "more than 10 elements" if len(elements) > 10 else _text_fault(elements, 1, 3000)
    return "" if kind == "divider" else f"unknown block {kind}"


def _text_fault(texts: list[Answer], least: int, longest: int, kinds: frozenset[str] | set[str] = frozenset()) -> str:
    if len(texts) < least:
        return "no text"
    for text in texts:
        if text.get("type") not in (kinds or {"plain_text", "mrkdwn"}) or not 1 <= len(text.get("text", "")) <= longest:
            return f"must have 1 to {longest} characters"
    return ""


class _Handler(BaseHTTPRequestHandler):
    slack: LocalSlack

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        is_json = "json" in self.headers.get("content-type", "")
        arguments = json.loads(raw or b"{}") if is_json else dict(parse_qsl(raw.decode()))
        bearer = re.sub(r"^Bearer ", "", self.headers.get("authorization", ""))
        status, answer, fault = self.slack.take(self.path.removeprefix("/api/"), bearer, arguments)
        if fault in (Fault.RESET, Fault.LOST_REPLY):
            return self._reset()
        if fault is Fault.SILENCE:
            time.sleep(self.slack.silence_s)
        if fault is Fault.PROXY_PAGE:
            return self._reply(200, b"<html>Please sign in</html>", "text/html")
        return self._reply(status, b"[1]" if fault is Fault.JSON_LIST else json.dumps(answer).encode())

    def _reply(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", str(self.slack.retry_after))
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True  # The client gave up waiting: that is what SILENCE is for.

    def _reset(self) -> None:
        """End the connection with RST instead of FIN, as a crashed machine does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *arguments: object) -> None:
        """Quiet."""
