"""Slack through an incoming webhook: simpler to set up than a bot, and with a weaker promise.

A webhook can only post. It cannot look whether a message already stands, so after a lost reply a message is sent again,
marked as possibly repeated: at least once instead of exactly once. It cannot edit or reply in a thread either, so each
change of an alert is a message of its own.
"""

from __future__ import annotations

import http.client
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient, WebhookResponse

from volteface.errors import ConfigError, DeliveryError
from volteface.secrets import Secret
from volteface.slack_blocks import context
from volteface.slack_faults import judged, unanswered
from volteface.slack_pace import Pace
from volteface.slack_render import Message
from volteface.slack_send import is_private
from volteface.slack_thread import Update

WEBHOOK = "VOLTEFACE_SLACK_WEBHOOK"
REPEATED = "Possibly repeated: Slack did not answer when this was sent before."
_NEW_HOOK = f"make a new incoming webhook and set {WEBHOOK}"
HOOK_FAULTS = {
    "no_service": _NEW_HOOK,
    "no_service_id": _NEW_HOOK,
    "no_active_hooks": _NEW_HOOK,
    "invalid_token": _NEW_HOOK,
    "no_team": _NEW_HOOK,
    "team_disabled": _NEW_HOOK,
    "channel_not_found": _NEW_HOOK,
    "channel_is_archived": "unarchive the webhook's channel or make a webhook for another",
    "action_prohibited": "ask the workspace's administrators to allow the webhook",
    "posting_to_general_channel_denied": "ask the workspace's administrators, or make a webhook for another channel",
}
"""Answers with which no message can pass until somebody acts, with what to do."""
MESSAGE_FAULTS = frozenset({"invalid_payload", "invalid_blocks", "no_text", "too_many_attachments", "msg_too_long"})
"""Answers with which this message can never pass."""

# The SDK writes the webhook's address, which is the secret, into its log.
_SILENT = logging.getLogger(f"{__name__}.sdk")
_SILENT.setLevel(logging.CRITICAL + 1)


class SlackWebhookSink:
    """Posts to the channel that the webhook was made for, at most one message a second.

    Raises ConfigError where the address is none, or would travel unencrypted to another machine.
    """

    name = "slack webhook"

    def __init__(
        self,
        url: Secret,
        *,
        timeout_s: int = 15,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not url.reveal().startswith(("https://", "http://")) or not is_private(url.reveal()):
            raise ConfigError(f"{WEBHOOK}: it must be an https:// address, as Slack shows it under Incoming Webhooks")
        self._url, self._timeout_s = url, timeout_s
        self._pace = Pace(clock, sleep)

    def verify(self) -> str:
        """Where messages go, in words. Contacts nobody: a webhook does nothing but post."""
        return "Slack: an incoming webhook posts to its channel (a message may come twice after an outage)"

    def send(self, message: Message, *, check_history: bool) -> str:
        """Post the message; with `check_history`, marked as possibly repeated. The receipt is `slack webhook`.

        Raises DeliveryError.
        """
        self._post(_marked(message) if check_history else message)
        return self.name

    def update(self, update: Update, *, check_history: bool) -> str:
        """Post the change as a message of its own; as `send`."""
        return self.send(update.alone, check_history=check_history)

    def _post(self, message: Message) -> None:
        self._pace.wait()
        client = WebhookClient(self._url.reveal(), timeout=self._timeout_s, logger=_SILENT, retry_handlers=[])
        body = {"text": message.text, "blocks": list(message.blocks), "unfurl_links": False, "unfurl_media": False}
        try:
            failure = _failure(client.send_dict(body))
        except (SlackClientError, OSError, http.client.HTTPException, ValueError) as error:
            failure = unanswered(error, posts=True)
        # Raised out here, without a cause: that carries the request, and with it the address.
        if failure is not None:
            raise failure


def _marked(message: Message) -> Message:
    head, *body = message.blocks
    return replace(message, text=f"{REPEATED}\n{message.text}", blocks=(head, context(REPEATED), *body))


def _failure(response: WebhookResponse) -> DeliveryError | None:
    said = response.body.strip()
    if response.status_code == 200 and said == "ok":
        return None
    if remedy := HOOK_FAULTS.get(said):
        return DeliveryError(f"Slack refuses the webhook: {said}; {remedy}", permanent=True, sink_wide=True)
    if said in MESSAGE_FAULTS:
        return DeliveryError(f"Slack cannot take this message: {said}", permanent=True)
    return judged(response.status_code, {"error": said}, response.headers, "the webhook", posts=True)
