"""What Slack's refusals mean: each code, and each way of not answering, as a DeliveryError with its remedy."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from socket import gaierror
from typing import Any
from urllib.error import URLError

from volteface.errors import DeliveryError

RETRY_AFTER_S = 30.0
"""Where Slack says "too fast" without saying for how long."""

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
    " groups:read and groups:history; for slack.chart files:write) and install it again",
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
UNEDITABLE = MESSAGE_FAULTS | {"cant_update_message", "edit_window_closed", "update_failed", "block_mismatch"}
"""Codes of an edit: the message stands, and will not take this text."""
GONE = frozenset(
    {"message_not_found", "thread_not_found", "cannot_reply_to_message", "restricted_action_thread_locked"}
)
"""Codes of an edit or a reply: there is no message, or no thread, that could take it."""
NEVER_ARRIVED = (ConnectionRefusedError, gaierror, ssl.SSLCertVerificationError)


class MessageGone(DeliveryError):
    """There is no message, or no thread, that could take an edit or a reply: somebody deleted it, or the channel of
    config.yaml is another by now."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack has no such message: {code}", permanent=True)


def judged(status: int, reply: object, headers: Mapping[str, Any], channel: str, *, posts: bool) -> DeliveryError:
    """What a refusal means; `posts`: of a call that shows a message, so a vague answer leaves it in doubt."""
    said = str(reply.get("error", "")) if isinstance(reply, dict) else ""
    # Anything else is a proxy's page or the like, and not to be repeated.
    code = said if _CODE.fullmatch(said) else "an answer that is not Slack's"
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        wait = _seconds(headers)
        return DeliveryError(f"Slack asks to wait {wait:g} s: rate limit", permanent=False, retry_after=wait)
    if code in SINK_FAULTS:
        return refused(code, channel)
    if code in GONE:
        return MessageGone(code)
    if code in UNEDITABLE:
        return DeliveryError(f"Slack cannot take this message: {code}", permanent=True)
    vague = status >= 500 or code in MAYBE_DONE or (status == 200 and said != code)
    return DeliveryError(f"Slack failed: {code}, status {status}", permanent=False, maybe_sent=posts and vague)


def refused(code: str, channel: str) -> DeliveryError:
    """One of `SINK_FAULTS`: no message can pass."""
    words = f"Slack refuses {channel}: {code}; {SINK_FAULTS[code]}"
    return DeliveryError(words, permanent=True, sink_wide=True)


def unanswered(error: Exception, *, posts: bool) -> DeliveryError:
    """No reply, or none that can be read."""
    reason = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    words = "timed out" if isinstance(reason, TimeoutError) else type(reason).__name__
    arrived = posts and not isinstance(reason, NEVER_ARRIVED)
    return DeliveryError(f"no answer from Slack: {words}", permanent=False, maybe_sent=arrived)


def _seconds(headers: Mapping[str, Any]) -> float:
    for name, value in headers.items():
        if name.lower() == "retry-after" and str(value).isdigit():
            return float(value)
    return RETRY_AFTER_S
