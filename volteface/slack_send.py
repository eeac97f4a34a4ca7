"""The only Slack I/O: one message into one channel, and every way in which that fails given a name.

The SDK's own retries are off: its default posts a second time when the reply to the first was lost. Trying again is the
outbox's business, which looks into the channel first.
"""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from socket import gaierror
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from volteface.config import Slack
from volteface.errors import ConfigError, DeliveryError
from volteface.secrets import Secret
from volteface.slack_render import EVENT_TYPE, Message

GAP_S = 1.0
"""Slack allows about one message a second in a channel."""
RETRY_AFTER_S = 30.0
"""Where Slack says "too fast" without saying for how long."""
CLOCK_SKEW = timedelta(hours=1)
PAGE = 200

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_CODE = re.compile(r"[a-z_]{1,60}")

_NEW_TOKEN = "make a new bot token and set VOLTEFACE_SLACK_TOKEN"
_INVITE = "invite the bot: /invite @volteface in the channel"
_ADMIN = "ask the workspace's administrators to allow the app to post there"
SINK_FAULTS = {
    "invalid_auth": _NEW_TOKEN,
    "not_authed": _NEW_TOKEN,
    "token_revoked": _NEW_TOKEN,
    "token_expired": _NEW_TOKEN,
    "account_inactive": _NEW_TOKEN,
    "not_allowed_token_type": "use a bot token (xoxb-...)",
    "missing_scope": "give the app the scopes chat:write, channels:read and channels:history (for a private channel"
    " groups:read and groups:history) and install it again",
    "channel_not_found": f"correct slack.channel in config.yaml, or {_INVITE}",
    "not_in_channel": _INVITE,
    "is_archived": "unarchive the channel or name another in slack.channel",
    "restricted_action": _ADMIN,
    "access_denied": _ADMIN,
    "ekm_access_denied": _ADMIN,
    "org_login_required": _ADMIN,
    "team_access_not_granted": _ADMIN,
}
"""Codes that no message can pass until somebody acts, with what to do."""
MESSAGE_FAULTS = frozenset(
    {
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "invalid_blocks_format",
        "no_text",
        "invalid_arguments",
        "metadata_too_large",
        "invalid_metadata_format",
        "invalid_metadata_schema",
    }
)
"""Codes that this message can never pass."""
MAYBE_DONE = frozenset({"fatal_error", "internal_error"})
"""Slack documents of these that part of the work may have been done."""
NEVER_ARRIVED = (ConnectionRefusedError, gaierror, ssl.SSLCertVerificationError)


class SlackSink:
    """Posts to the channel of config.yaml, at most one message in GAP_S.

    Raises ConfigError where the token would travel unencrypted to another machine.
    """

    name = "slack"

    def __init__(
        self,
        token: Secret,
        slack: Slack,
        *,
        timeout_s: int = 15,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _private(slack.api_url):
            raise ConfigError(f"slack.api_url: {slack.api_url} would send the token unencrypted: use https://")
        self._client = WebClient(token.reveal(), base_url=slack.api_url, timeout=timeout_s, retry_handlers=[])
        self._name = slack.channel
        self._id = slack.channel if _CHANNEL_ID.fullmatch(slack.channel) else ""
        self._clock, self._sleep = clock, sleep
        self._free_at = 0.0

    def __repr__(self) -> str:
        return f"SlackSink({self._name!r})"

    def verify(self) -> str:
        """Check the token, the channel, membership and the history scope that recovery needs.

        Returns who posts where, in words. Raises DeliveryError with the remedy.
        """
        who = self._call(self._client.auth_test)
        self._call(self._client.conversations_history, channel=self._channel(), limit=1)
        return f"Slack: {who.get('user', 'the bot')} posts to {self._name} of {who.get('team', 'the workspace')}"

    def send(self, message: Message, *, check_history: bool) -> str:
        """Post the message and return its `ts`; with `check_history`, return the `ts` of the copy already there.

        Raises DeliveryError. A message of which a copy stands in a thread only is not found.
        """
        if check_history and (standing := self._find(message)):
            return standing
        channel = self._channel()
        self._pace()
        reply = self._call(
            self._client.chat_postMessage,
            channel=channel,
            text=message.text,
            blocks=list(message.blocks),
            metadata=message.metadata,
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(reply.get("ts"))

    def _find(self, message: Message) -> str | None:
        """The `ts` of the standing copy, if there is one, however far back."""
        query = {"channel": self._channel(), "oldest": f"{(message.at - CLOCK_SKEW).timestamp():.6f}"}
        for page in self._pages(self._client.conversations_history, **query, include_all_metadata=True):
            posts: list[dict[str, Any]] = page.get("messages") or []
            for post in posts:
                metadata = post.get("metadata", {})
                if (metadata.get("event_type"), _key(metadata)) == (EVENT_TYPE, message.key):
                    return str(post["ts"])
        return None

    def _channel(self) -> str:
        """The channel's id: posting takes a name, the history does not."""
        if not self._id:
            name = self._name.lstrip("#")
            pages = self._pages(self._client.conversations_list, types="public_channel,private_channel")
            channels: Iterator[dict[str, Any]] = (c for page in pages for c in page.get("channels") or [])
            named = (channel["id"] for channel in channels if channel.get("name") == name)
            self._id = next(named, "")
        if not self._id:
            raise self._refused("channel_not_found")
        return self._id

    def _pages(self, method: Callable[..., SlackResponse], **query: Any) -> Iterator[SlackResponse]:
        while True:
            page = self._call(method, limit=PAGE, **query)
            yield page
            query["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
            if not query["cursor"]:
                return

    def _pace(self) -> None:
        """Wait for the channel's turn. Longer waits, that Slack asks for, are the outbox's business."""
        now = self._clock()
        if now < self._free_at:
            self._sleep(self._free_at - now)
        self._free_at = self._clock() + GAP_S

    def _call(self, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        """Raises DeliveryError, whatever goes wrong."""
        posts = method == self._client.chat_postMessage
        try:
            return method(**arguments)
        except SlackApiError as error:
            failure = self._judged(error.response, posts)
        except (SlackClientError, OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            # AttributeError: what the SDK makes of a reply that is JSON and no object.
            failure = _unanswered(error, posts)
        # Raised out here, without a cause: the SDK's exception carries the request, and that carries the token.
        raise failure

    def _judged(self, response: SlackResponse, posts: bool) -> DeliveryError:
        reply = response.data if isinstance(response.data, dict) else {}
        status, said = response.status_code, str(reply.get("error", ""))
        # Anything else is a proxy's page or the like, and not to be repeated.
        code = said if _CODE.fullmatch(said) else "an answer that is not Slack's"
        if status == 429 or code in {"ratelimited", "rate_limited"}:
            wait = _seconds(response.headers)
            return DeliveryError(f"Slack asks to wait {wait:g} s: rate limit", permanent=False, retry_after=wait)
        if code in SINK_FAULTS:
            return self._refused(code)
        if code in MESSAGE_FAULTS:
            return DeliveryError(f"Slack cannot take this message: {code}", permanent=True)
        vague = status >= 500 or code in MAYBE_DONE or (status == 200 and said != code)
        return DeliveryError(f"Slack failed: {code}, status {status}", permanent=False, maybe_sent=posts and vague)

    def _refused(self, code: str) -> DeliveryError:
        words = f"Slack refuses {self._name}: {code}; {SINK_FAULTS[code]}"
        return DeliveryError(words, permanent=True, sink_wide=True)


def _key(metadata: dict[str, Any]) -> object:
    return (metadata.get("event_payload") or {}).get("key")


def _unanswered(error: Exception, posts: bool) -> DeliveryError:
    reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    words = "timed out" if isinstance(reason, TimeoutError) else type(reason).__name__
    arrived = posts and not isinstance(reason, NEVER_ARRIVED)
    return DeliveryError(f"no answer from Slack: {words}", permanent=False, maybe_sent=arrived)


def _seconds(headers: dict[str, Any]) -> float:
    for name, value in headers.items():
        if name.lower() == "retry-after" and str(value).isdigit():
            return float(value)
    return RETRY_AFTER_S


def _private(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
