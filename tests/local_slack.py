"""A Slack on loopback: the Web API methods that we use, with Slack's limits and with faults that a test orders.

Limits and error codes are those of Slack's documentation (docs.slack.dev: Block Kit reference, chat.postMessage,
chat.update, conversations.replies, rate limits); `slack_methods.py` has them. It answers the real slack-sdk over real
HTTP; it cannot show that Slack itself behaves so.
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
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl

from local_socket import APP_TOKEN, LocalSocket
from slack_methods import METHODS, OF_THE_APP, Answer, Channel, error

from volteface.config_messages import Slack

TOKEN = "xoxb-marked-4711-DO-NOT-SHOW"
CHANNEL = "C0IRANUS01"
UPLOAD = "/upload/"


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


@dataclass(frozen=True)
class Call:
    """One request that came in."""

    at: float
    method: str
    arguments: Answer
    status: int


class LocalSlack:
    """Use as a context manager. `channels` and `scopes` may be changed at any time.

    `socket`: for an app that listens.
    """

    def __init__(
        self,
        *,
        per_second: float = math.inf,
        burst: int = 1,
        retry_after: int = 1,
        silence_s: float = 2,
        socket: LocalSocket | None = None,
    ) -> None:
        self.channels = {CHANNEL: Channel(CHANNEL, "iran-us")}
        self.tokens, self.app_tokens = {TOKEN}, {APP_TOKEN}
        self.scopes = {"chat:write", "channels:read", "channels:history", "connections:write"}
        self.calls: list[Call] = []
        self.files: dict[str, bytes] = {}
        """What was uploaded, by file id; empty until its bytes are here."""
        self.page = 100
        """Largest page that a listing returns, whatever was asked for."""
        self.retry_after, self.silence_s = retry_after, silence_s
        self._per_second, self._burst, self._socket = per_second, burst, socket
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

    def thread(self, number: int = 0) -> list[Answer]:
        """The replies to the post of that number, oldest first."""
        channel = self.channels[CHANNEL]
        return channel.threads.get(channel.posts[number]["ts"], [])

    @property
    def keys(self) -> list[str]:
        """Idempotency keys of what is visible in the channel, oldest first."""
        return keys(self.posts)

    @property
    def all_keys(self) -> list[str]:
        """Idempotency keys of everything visible, in threads too; a message that shows in both places counts once."""
        return keys(self.channels[CHANNEL].everything())

    @property
    def upload_url(self) -> str:
        """Where files go; their id follows."""
        return f"http://127.0.0.1:{self._server.server_port}{UPLOAD}"

    def socket_address(self) -> str | None:
        """Where the app connects, once; None where Socket Mode is off."""
        return self._socket.address() if self._socket else None

    def receive(self, file: str, data: bytes) -> bool:
        """The bytes of a file that was announced; False for another."""
        with self._lock:
            known = file in self.files
            self.files |= {file: data} if known else {}
        return known

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
            return 200, error(fault)
        if denied := self._denied(method, token):
            return 200, error(denied)
        if self._too_fast(method, arguments):
            return 429, error("ratelimited")
        return 200, METHODS[method](self, arguments) if method in METHODS else error("unknown_method")

    def _denied(self, method: str, token: str) -> str:
        if token in (self.app_tokens if method in OF_THE_APP else self.tokens):
            return ""
        if token in self.app_tokens | self.tokens:
            return "not_allowed_token_type"
        return "invalid_auth" if token else "not_authed"

    def _too_fast(self, method: str, arguments: Answer) -> bool:
        if method != "chat.postMessage" or self._per_second == math.inf:
            return False
        channel, now = str(arguments.get("channel")), time.monotonic()
        left, then = self._tokens.get(channel, (float(self._burst), now))
        left = min(float(self._burst), left + (now - then) * self._per_second)
        self._tokens[channel] = (left - (left >= 1), now)
        return left < 1


def keys(posts: list[Answer]) -> list[str]:
    """Idempotency keys."""
    return [post["metadata"]["event_payload"]["key"] for post in posts]


_REFUSALS: dict[Fault | str | None, tuple[int, Answer]] = {
    Fault.RATE_LIMIT: (429, error("ratelimited")),
    Fault.ERROR_500: (500, error("internal_error")),
    **dict.fromkeys((Fault.RESET, Fault.PROXY_PAGE, Fault.JSON_LIST), (200, {})),
}
"""Faults that come before anything is done."""


class _Handler(BaseHTTPRequestHandler):
    slack: LocalSlack

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith(UPLOAD):
            return self._reply(200 if self.slack.receive(self.path.removeprefix(UPLOAD), raw) else 404, b"OK")
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
