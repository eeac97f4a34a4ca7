"""The only Slack I/O: one message into one channel, its later edits and its thread.

What each failure means is in `slack_faults.py`.

The SDK's own retries are off: its default posts a second time when the reply to the first was lost. Trying again is the
outbox's business, which looks into the channel first.
"""

from __future__ import annotations

import http.client
import logging
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from volteface.chart import Picture
from volteface.config_messages import Slack
from volteface.errors import ConfigError, DeliveryError
from volteface.secrets import Secret
from volteface.slack_faults import MessageGone, judged, refused, unanswered
from volteface.slack_pace import Pace
from volteface.slack_render import EVENT_TYPE, Message
from volteface.slack_thread import Update

NO_ANSWER = (SlackClientError, OSError, http.client.HTTPException, ValueError, AttributeError)
"""What the SDK raises where there is no reply that can be read; AttributeError of one that is JSON and no object."""
CLOCK_SKEW = timedelta(hours=1)
PAGE = 200

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_TS = re.compile(r"\d+\.\d+")

log = logging.getLogger(__name__)


class SlackSink:
    """Posts to the channel of config.yaml, at most one message a second; with buttons where somebody answers them.

    Raises ConfigError where the token would travel unencrypted to another machine.
    """

    name = "slack"

    def __init__(
        self,
        token: Secret,
        slack: Slack,
        *,
        answered: bool = False,
        timeout_s: int = 15,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not is_private(slack.api_url):
            raise ConfigError(f"slack.api_url: {slack.api_url} would send the token unencrypted: use https://")
        self._client = WebClient(token.reveal(), base_url=slack.api_url, timeout=timeout_s, retry_handlers=[])
        self._answered = answered
        self._name = slack.channel
        self._id = slack.channel if _CHANNEL_ID.fullmatch(slack.channel) else ""
        self._pace = Pace(clock, sleep)

    def __repr__(self) -> str:
        return f"SlackSink({self._name!r})"

    def verify(self) -> str:
        """Check the token, the channel, membership and the history scope that recovery needs.

        Returns who posts where, in words. Raises DeliveryError with the remedy.
        """
        who = self._call(self._client.auth_test)
        self._call(self._client.conversations_history, channel=self.channel(), limit=1)
        where = f"{self._name} of {who.get('team', 'the workspace')}"
        return f"Slack: {who.get('user', 'the bot')} posts to {where}{', with buttons' if self._answered else ''}"

    def send(self, message: Message, *, check_history: bool) -> str:
        """Post the message and return its `ts`; with `check_history`, return the `ts` of the copy already there.

        Raises DeliveryError. A message of which a copy stands in a thread only is not found.
        """
        if check_history and (standing := self._find(message, None)):
            return standing
        return self._post(message)

    def update(self, update: Update, *, check_history: bool) -> str:
        """Edit the alert's own message and add the line to its thread; the `ts` of the line.

        Where Slack does not let the message be edited, the line alone tells. Where the message is gone or was never
        posted, the change becomes a message of its own. With `check_history`, a line that already stands in either
        place is not repeated. The edit is: it has no effect the second time. Raises DeliveryError.
        """
        parent = self._edit(update)
        if check_history and (standing := self._find(update.line, parent)):
            return standing
        if parent is not None:
            try:
                return self._post(update.line, thread_ts=parent, reply_broadcast=update.loud)
            except MessageGone as gone:
                log.warning("alert %s: told outside its thread: %s", update.line.key, gone)
        return self._post(update.alone)

    def attach(self, receipt: str, picture: Picture) -> None:
        """Upload the picture into the thread of the message with that `ts`; not tried again. Raises DeliveryError."""
        if not _TS.fullmatch(receipt):  # Another sink's.
            return
        self._call(
            self._client.files_upload_v2,
            content=picture.png,
            filename=picture.name,
            title=picture.words,
            alt_txt=picture.words,
            channel=self.channel(),
            thread_ts=receipt,
        )

    def _post(self, message: Message, **place: Any) -> str:
        channel = self.channel()
        self._pace.wait()
        reply = self._call(
            self._client.chat_postMessage,
            channel=channel,
            **self._content(message),
            **place,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(reply.get("ts"))

    def _edit(self, update: Update) -> str | None:
        """Bring the alert's own message up to date; its `ts`, or None where there is no such message."""
        if update.parent is None or not _TS.fullmatch(update.parent):  # Another sink's receipt.
            return None
        channel = self.channel()
        self._pace.wait()
        try:
            self._call(self._client.chat_update, channel=channel, ts=update.parent, **self._content(update.message))
        except MessageGone:
            return None
        except DeliveryError as error:
            if error.sink_wide or not error.permanent:
                raise
            log.warning("alert %s: its message stays as it is: %s", update.message.key, error)
        return update.parent

    def _content(self, message: Message) -> dict[str, Any]:
        buttons = [message.buttons] if message.buttons and self._answered else []
        return {
            "text": message.text,
            "blocks": [*message.blocks, *buttons],
            "metadata": message.metadata,
            "parse": "none",
        }

    def _find(self, message: Message, thread: str | None) -> str | None:
        """The `ts` of the standing copy in the thread or in the channel, if there is one, however far back."""
        oldest = f"{(message.at - CLOCK_SKEW).timestamp():.6f}"
        for post in self._posts(oldest, thread):
            metadata = post.get("metadata", {})
            if (metadata.get("event_type"), _key(metadata)) == (EVENT_TYPE, message.key):
                return str(post["ts"])
        return None

    def _posts(self, oldest: str, thread: str | None) -> Iterator[dict[str, Any]]:
        query = {"channel": self.channel(), "oldest": oldest, "include_all_metadata": True}
        if thread is not None:
            try:
                for page in self._pages(self._client.conversations_replies, ts=thread, **query):
                    yield from page.get("messages") or []
            except MessageGone:
                log.info("thread %s is gone", thread)
        for page in self._pages(self._client.conversations_history, **query):
            yield from page.get("messages") or []

    def channel(self) -> str:
        """The channel's id: posting takes a name, the history and the clicks do not. Raises DeliveryError."""
        if not self._id:
            name = self._name.lstrip("#")
            pages = self._pages(self._client.conversations_list, types="public_channel,private_channel")
            channels: Iterator[dict[str, Any]] = (c for page in pages for c in page.get("channels") or [])
            named = (channel["id"] for channel in channels if channel.get("name") == name)
            self._id = next(named, "")
        if not self._id:
            raise refused("channel_not_found", self._name)
        return self._id

    def _pages(self, method: Callable[..., SlackResponse], **query: Any) -> Iterator[SlackResponse]:
        while True:
            page = self._call(method, limit=PAGE, **query)
            yield page
            query["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
            if not query["cursor"]:
                return

    def _call(self, method: Callable[..., SlackResponse], **arguments: Any) -> SlackResponse:
        """Raises DeliveryError, whatever goes wrong."""
        posts = method == self._client.chat_postMessage
        try:
            return method(**arguments)
        except SlackApiError as error:
            response = error.response
            failure = judged(response.status_code, response.data, response.headers, self._name, posts=posts)
        except NO_ANSWER as error:
            failure = unanswered(error, posts=posts)
        # Raised out here, without a cause: the SDK's exception carries the request, and that carries the token.
        raise failure


def _key(metadata: dict[str, Any]) -> object:
    return (metadata.get("event_payload") or {}).get("key")


def is_private(url: str) -> bool:
    """Whether what is sent there can be read on the way by nobody: https, or this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
