"""A programmable web server on loopback: `with LocalWeb() as web: web.route("/feed.xml", body=b"...")`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in; header names in lower case."""

    path: str
    headers: dict[str, str]
    at: float
    """Monotonic seconds."""


@dataclass(slots=True)
class _Route:
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    delay: float = 0.0
    drip: float = 0.0
    etag: str | None = None
    raw: bool = False


class LocalWeb:
    """Routes may be set again while it runs. Unknown paths answer 404. `requests` records what was asked, in order.

    `at_once` is the largest number of requests that were in work at the same time.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.at_once = 0
        self._in_work = 0
        self._counting = Lock()
        self._routes: dict[str, _Route] = {}
        self._closing = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def url(self, path: str) -> str:
        """The full URL of a path."""
        return self.address + path

    def route(
        self,
        path: str,
        *,
        body: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        status: int = 200,
        delay: float = 0.0,
        drip: float = 0.0,
        etag: str | None = None,
        raw: bool = False,
    ) -> str:
        """Answer `path` from now on so; returns its URL.

        `body` may be a list of chunks, sent `drip` seconds apart without a length. `delay` comes before the answer.
        With `etag`, a request that echoes it byte for byte gets 304. `raw`: the chunks are the whole answer, its status
        line and headers among them.
        """
        self._routes[path] = _Route(body, headers or {}, status, delay, drip, etag, raw)
        return self.url(path)

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [request.path for request in self.requests]

    def sent(self, header: str) -> list[str | None]:
        """What each request had in this header, in order."""
        return [request.headers.get(header) for request in self.requests]

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._counting:
            self._in_work += 1
            self.at_once = max(self.at_once, self._in_work)
        try:
            yield
        finally:
            with self._counting:
                self._in_work -= 1

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                web.requests.append(Request(self.path, headers, time.monotonic()))
                route = web._routes.get(self.path, _Route(status=404))
                with web._counted():
                    web._closing.wait(route.delay)
                    try:
                        self._answer(route, headers)
                    except (BrokenPipeError, ConnectionResetError):
                        self.close_connection = True  # the client had enough; some tests are about just that

            def _answer(self, route: _Route, headers: dict[str, str]) -> None:
                if route.raw:
                    self._drip(route)
                    self.close_connection = True
                    return
                fresh = route.etag is not None and headers.get("if-none-match") == route.etag
                self.send_response(304 if fresh else route.status)
                for name, value in route.headers.items():
                    self.send_header(name, value)
                if route.etag is not None:
                    self.send_header("ETag", route.etag)
                if isinstance(route.body, bytes):
                    body = b"" if fresh else route.body
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                    return
                self.end_headers()
                self._drip(route)

            def _drip(self, route: _Route) -> None:
                for chunk in (route.body,) if isinstance(route.body, bytes) else route.body:
                    if web._closing.wait(route.drip):
                        return
                    self.wfile.write(chunk)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Stay silent in test output."""

        return Handler
