"""An HTTP endpoint on loopback that takes JSON posts and answers as a test orders: for webhooks of any kind."""

from __future__ import annotations

import json
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

LOST_REPLY = -1
"""In place of a status: the post is taken, and the connection ends without an answer."""
SECRET = "marked-4712-DO-NOT-SHOW"


class LocalHook:
    """Use as a context manager. Answers `200 ok` where nothing else was ordered."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        """Bodies of the posts that were accepted, those whose reply was lost among them."""
        self.asked = 0
        self._answers: deque[tuple[int, str]] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"hook": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def place(self) -> str:
        """Host, port and a path that is a secret."""
        return f"127.0.0.1:{self._server.server_port}/services/{SECRET}"

    def answer(self, status: int, body: str = "") -> None:
        """Answer so the next time."""
        self._answers.append((status, body))

    def next_answer(self) -> tuple[int, str]:
        """What to say now."""
        self.asked += 1
        return self._answers.popleft() if self._answers else (200, "ok")


class _Handler(BaseHTTPRequestHandler):
    hook: LocalHook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, said = self.hook.next_answer()
        if status in {200, LOST_REPLY}:
            self.hook.taken.append(json.loads(body))
        if status == LOST_REPLY:
            self.close_connection = True
            return
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *arguments: object) -> None:
        """Quiet."""
