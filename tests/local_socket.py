"""Slack's Socket Mode on loopback: a real WebSocket server, with what goes wrong between Slack and an app.

After docs.slack.dev (Using Socket Mode): an address holds a ticket that opens one connection, `hello` comes first, each
envelope is to be acknowledged by its id, what is not acknowledged comes again, and `disconnect` announces the end.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

Payload = dict[str, Any]
APP_TOKEN = "xapp-1-marked-4713-DO-NOT-SHOW"
TICKET = "marked-4714-DO-NOT-SHOW"
ANN, BOB = ("U0ANN00001", "ann"), ("U0BOB00001", "bob")


def pressed(post: Payload, label: str, *, user: tuple[str, str] = ANN, at: float | None = None) -> Payload:
    """What Slack sends when somebody presses the button, or chooses the entry of the menu, of that name below a post.

    Raises LookupError where the post shows no such thing: what is not there cannot be pressed.
    """
    for block in post["blocks"]:
        for element in block.get("elements", []) if block["type"] == "actions" else []:
            moment = {"action_ts": f"{time.time() if at is None else at:.6f}", "block_id": "Xy1"}
            common = {key: element[key] for key in ("action_id", "type")} | moment
            if element["type"] == "button" and element["text"]["text"] == label:
                return _interaction(post, user, common | {"text": element["text"], "value": element["value"]})
            chosen = [option for option in element.get("options", []) if option["text"]["text"] == label]
            if chosen:
                return _interaction(post, user, common | {"selected_option": chosen[0]})
    raise LookupError(f"nothing to press is called {label}")


def _interaction(post: Payload, user: tuple[str, str], action: Payload) -> Payload:
    """The shape of docs.slack.dev, block_actions payload."""
    user_id, name = user
    return {
        "type": "block_actions",
        "user": {"id": user_id, "username": name, "name": name, "team_id": "T0DESK"},
        "api_app_id": "A0VOLTE",
        "container": {
            "type": "message",
            "message_ts": post["ts"],
            "channel_id": post["channel"],
            "is_ephemeral": False,
        },
        "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "team": {"id": "T0DESK", "domain": "desk"},
        "channel": {"id": post["channel"], "name": "privategroup"},
        "message": post,
        "response_url": "https://hooks.slack.com/actions/T0DESK/1/secret",
        "actions": [action],
    }


class LocalSocket:
    """Use as a context manager, below a `LocalSlack(socket=...)` that hands its addresses out."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        """Ids of envelopes, as often as they were acknowledged."""
        self.slowest_s = 0.0
        """The longest that an acknowledgement took."""
        self.greeted = 0
        """Connections that were opened so far."""
        self.broken = False
        """Whether handshakes are refused, as while Slack is down."""
        self._tickets: set[str] = set()
        self._sent: dict[str, tuple[float, Payload]] = {}
        self._lines: list[ServerConnection] = []
        self._lock = threading.RLock()
        self._server = serve(self._serve, "127.0.0.1", 0, process_request=self._admit, compression=None)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        for line in self._open():
            line.close()

    def address(self) -> str:
        """A new address, for one connection."""
        ticket = f"{TICKET}-{len(self._tickets)}"
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/link/?ticket={ticket}&app_id=A0VOLTE"

    @property
    def lines(self) -> int:
        """Connections that are open now."""
        return len(self._open())

    def click(self, payload: Payload, kind: str = "interactive") -> str:
        """Deliver an envelope to the newest connection; its id."""
        with self._lock:
            envelope = f"envelope-{len(self._sent)}"
            self._sent[envelope] = (time.monotonic(), {"type": kind, "payload": payload})
            self._deliver(envelope)
        return envelope

    def deliver_again(self) -> None:
        """Every envelope so far once more, acknowledged or not."""
        for envelope in list(self._sent):
            self._deliver(envelope)

    def announce_end(self, reason: str) -> None:
        """Tell the newest connection that it will end: `warning` or `refresh_requested`."""
        self._open()[-1].send(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}}))

    def close(self) -> None:
        """End every connection in good order."""
        for line in self._open():
            line.close()

    def drop(self) -> None:
        """End every connection without a word, as a crashed machine does."""
        for line in self._open():
            line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close_socket()

    def send_raw(self, text: str) -> None:
        """Anything at all, to the newest connection."""
        self._open()[-1].send(text)

    def _open(self) -> list[ServerConnection]:
        with self._lock:
            return list(self._lines)

    def _deliver(self, envelope: str) -> None:
        body = self._sent[envelope][1] | {"envelope_id": envelope, "accepts_response_payload": False}
        for line in self._open()[-1:]:
            line.send(json.dumps(body))

    def _admit(self, _line: ServerConnection, request: Request) -> Response | None:
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        if self.broken:
            return _line.respond(HTTPStatus.SERVICE_UNAVAILABLE, "down\n")
        if ticket not in self._tickets:
            return _line.respond(HTTPStatus.FORBIDDEN, "no such ticket\n")
        self._tickets.discard(ticket)
        self._tickets.add(f"used {ticket}")
        return None

    def _serve(self, line: ServerConnection) -> None:
        line.send(json.dumps({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0VOLTE"}}))
        with self._lock:
            self._lines.append(line)
            self.greeted += 1
            for envelope in self._sent:
                if envelope not in self.acknowledged:
                    self._deliver(envelope)
        try:
            for message in line:
                self._acknowledge(json.loads(message)["envelope_id"])
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                self._lines.remove(line)

    def _acknowledge(self, envelope: str) -> None:
        with self._lock:
            self.slowest_s = max(self.slowest_s, time.monotonic() - self._sent[envelope][0])
            self.acknowledged.append(envelope)


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    """Wait for something to come true; raises TimeoutError where it does not."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("what was waited for did not happen")
        time.sleep(0.02)
