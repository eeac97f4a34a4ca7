"""Slack's Socket Mode: a connection that is kept, and clicks that are answered. No port is open to the outside.

Each connection is a client of its own of slack-sdk. Its client can connect anew by itself, but tries a token that was
refused every five seconds for ever, and can stay deaf after a change of connections (docs/decisions.md).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from volteface.errors import ConfigError, DeliveryError, StoreError
from volteface.secrets import Secret
from volteface.slack_faults import judged, unanswered
from volteface.slack_send import NO_ANSWER, is_private

PING_S = 3.0
"""Seconds between pings; a connection that went without a word is noticed by the second or third."""
HELLO_S = 10.0
LONGEST_WAIT_S = 60.0
REFUSED_WAIT_S = 300.0
STEADY_S = 30.0
"""A connection that ends sooner counts as a failure, so that one that is dropped at once is not opened at once."""
LOOK_S = 0.25
CLOSE_S = 5.0

_NEW_TOKEN = "make a new app-level token (xapp-...) and set VOLTEFACE_SLACK_APP_TOKEN"
TOKEN_FAULTS = {
    **dict.fromkeys(("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"), _NEW_TOKEN),
    "not_allowed_token_type": _NEW_TOKEN,
    "missing_scope": "give the app-level token the scope connections:write",
    "access_denied": "ask the workspace's administrators to allow the app",
    "forbidden_team": "ask the workspace's administrators to allow the app",
}
"""Answers with which no connection is possible until somebody acts, with what to do."""

log = logging.getLogger(__name__)

# At its lower levels the SDK logs the socket's address, which is a secret for as long as it lasts; and it logs each
# failed attempt, which we tell once. What is left is a traceback: an error of ours in a listener.
_SDK = logging.getLogger(f"{__name__}.sdk")
_SDK.setLevel(logging.ERROR)
_SDK.addFilter(lambda record: record.exc_info is not None)


class SocketMode:
    """Hands each interaction payload to `take`, and acknowledges it after that, if `take` says that it counts.

    `prepare` is called before each connection and may raise DeliveryError; `say` gets a line when buttons begin to
    answer, cease to, and answer again; `alarm` gets the reason, once, when somebody must act. `take` may raise
    StoreError or DeliveryError: that counts as no, too. Slack shows at the button what was not acknowledged.

    Raises ConfigError where the token would travel unencrypted to another machine.
    """

    def __init__(
        self,
        token: Secret,
        api_url: str,
        take: Callable[[dict[str, Any]], bool],
        *,
        prepare: Callable[[], object],
        say: Callable[[str], None],
        alarm: Callable[[str], None],
        first_wait_s: float = 1.0,
    ) -> None:
        if not is_private(api_url):
            raise ConfigError(f"slack.api_url: {api_url} would send the token unencrypted: use https://")
        self._token, self._api_url, self._take = token, api_url, take
        self._prepare, self._say, self._alarm = prepare, say, alarm
        self._first_wait_s = first_wait_s
        self._failures = 0
        self._in_vain = 0
        """Attempts since buttons last answered."""
        self._told: str | None = None
        """The failure that was told last and still stands; empty while buttons answer."""

    def run(self, stop: threading.Event, tick: Callable[[], None]) -> None:
        """Listen until `stop`. `tick` is called every quarter of a second, for what a click sets off."""
        line: _Line | None = None
        while not stop.is_set():
            try:
                newer = self._connected(stop)
            except DeliveryError as error:
                if stop.is_set():
                    break
                self._failed(error)
                self._pause(_wait_s(error, self._failures, self._first_wait_s), stop, tick)
                continue
            # The old one answers until the new one does.
            if line:
                line.hang_up()
            line = newer
            self._hold(line, stop, tick)
        if line:
            line.hang_up()

    def _connected(self, stop: threading.Event) -> _Line:
        """A connection that Slack has greeted. Raises DeliveryError."""
        self._prepare()
        line = _Line(_trusted(self._address()), self._take)
        line.connect()
        if not line.is_greeted(stop):
            line.hang_up()
            raise DeliveryError("Slack's socket does not answer", permanent=False)
        if self._told != "":
            self._say("buttons answer" if self._told is None else "buttons answer again")
            self._told = ""
        self._in_vain = 0
        return line

    def _address(self) -> str:
        """A new socket's address. Raises DeliveryError."""
        token = self._token.reveal()
        client = WebClient(base_url=self._api_url, timeout=15, retry_handlers=[], logger=_SDK)
        try:
            return str(client.apps_connections_open(app_token=token).get("url"))
        except SlackApiError as error:
            response = error.response
            failure = judged(response.status_code, response.data, response.headers, "the app", posts=False)
            code = response.data.get("error") if isinstance(response.data, dict) else None
            if remedy := TOKEN_FAULTS.get(str(code)):
                failure = DeliveryError(f"Slack refuses the app: {code}; {remedy}", permanent=True, sink_wide=True)
        except NO_ANSWER as error:
            failure = unanswered(error, posts=False)
        # Raised out here, without a cause: the SDK's exception carries the request, and that carries the token.
        raise failure

    def _hold(self, line: _Line, stop: threading.Event, tick: Callable[[], None]) -> None:
        """Wait until the connection ends, or Slack wants another one."""
        began = time.monotonic()
        while not stop.is_set() and line.is_up():
            tick()
            stop.wait(LOOK_S)
        if time.monotonic() - began >= STEADY_S:
            self._failures = 0
            return
        self._pause(_wait_s(None, self._failures, self._first_wait_s), stop, tick)
        self._failures += 1

    def _failed(self, error: DeliveryError) -> None:
        self._in_vain += 1
        # One attempt in vain is a hiccup. An outage has many faces and is told once; what somebody must act on is told
        # at once, and each time that it is another.
        lasting = self._told is None or (self._told == "" and self._in_vain > 1)
        if lasting or (error.sink_wide and self._told != str(error)):
            self._told = str(error)
            self._say(f"buttons do not answer: {error}")
            if error.sink_wide:
                self._alarm(str(error))
        self._failures += 1

    def _pause(self, seconds: float, stop: threading.Event, tick: Callable[[], None]) -> None:
        end = time.monotonic() + seconds
        while not stop.is_set() and (left := end - time.monotonic()) > 0:
            tick()
            stop.wait(min(left, LOOK_S))


class _Line(SocketModeClient):
    """One connection, from its address to its end."""

    def __init__(self, url: str, take: Callable[[dict[str, Any]], bool]) -> None:
        super().__init__("", _SDK, WebClient(logger=_SDK), auto_reconnect_enabled=False, ping_interval=PING_S)
        self.wss_uri = url
        self._take = take
        self._greeted, self._unwanted = threading.Event(), threading.Event()
        self.message_listeners.append(self._notice_greeting)
        self.socket_mode_request_listeners.append(self._answer)

    def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: ARG002 - the SDK's signature
        """Called where Slack announces that it will close the connection: whoever holds us opens the next one."""
        self._unwanted.set()

    def is_greeted(self, stop: threading.Event) -> bool:
        """Wait for Slack's greeting, for as long as one may come."""
        end = time.monotonic() + HELLO_S
        while not self._greeted.wait(0.05):
            if stop.is_set() or not self.is_connected() or time.monotonic() > end:
                return False
        return True

    def is_up(self) -> bool:
        """Whether the connection stands and Slack wants no other."""
        session = self.current_session
        # The SDK itself reads on from a connection that ended without a word until the fifth ping in a row fails.
        broken = session is None or not session.is_active() or session.consecutive_check_state_error_count > 0
        return not broken and not self._unwanted.is_set()

    def hang_up(self) -> None:
        """Close, with what is being answered answered; in a thread of its own, since the SDK's `close` can hang."""
        closing = threading.Thread(target=self.close, daemon=True)
        closing.start()
        closing.join(CLOSE_S)

    def _notice_greeting(self, _client: BaseSocketModeClient, message: dict[str, Any], _raw: str | None) -> None:
        if message.get("type") == "hello":
            self._greeted.set()

    def _answer(self, _client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            # Slack delivers nothing else to this app; what it delivers all the same is acknowledged, or comes again.
            if request.type != "interactive" or self._take(request.payload):
                self.send_socket_mode_response(SocketModeResponse(request.envelope_id))
        except (StoreError, DeliveryError) as error:
            log.warning("a click could not be taken, and Slack shows so: %s", error)
        except SlackClientError:
            log.info("a click was taken and not acknowledged: the connection is gone")


def _trusted(url: str) -> str:
    """The address, if nobody can listen on the way. Raises DeliveryError.

    On any port but 443 the SDK would speak plainly.
    """
    try:
        parts = urlsplit(url)
        safe = (parts.scheme == "wss" and parts.port in (None, 443)) or is_private(f"//{parts.netloc}")
    except ValueError:
        safe = False
    if safe:
        return url
    raise DeliveryError("Slack names a socket that is not encrypted", permanent=False)


def _wait_s(error: DeliveryError | None, failures: int, first_wait_s: float) -> float:
    """Seconds until the next attempt: as Slack asks, otherwise doubling to a minute; longer where somebody must act."""
    if error and error.retry_after is not None:
        return error.retry_after
    if error and error.sink_wide:
        return REFUSED_WAIT_S
    return 0.0 if not failures and not error else min(first_wait_s * 2.0 ** min(failures, 10), LONGEST_WAIT_S)
