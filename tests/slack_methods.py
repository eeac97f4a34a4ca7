"""What the local Slack's methods do, with Slack's limits and error codes (docs.slack.dev).

A channel's `posts` are what stands in it, oldest first; replies stand in their post's thread, and in the channel only
if they were broadcast.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

Answer = dict[str, Any]
LONGEST_PAGE = 1000


@dataclass
class Channel:
    """A channel as the bot sees it."""

    id: str
    name: str
    archived: bool = False
    member: bool = True
    posts: list[Answer] = field(default_factory=list)
    threads: dict[str, list[Answer]] = field(default_factory=dict)
    """Replies, oldest first, by the `ts` of what they reply to."""

    def everything(self) -> list[Answer]:
        """Posts and replies; a reply that was broadcast is one message."""
        replies = [reply for thread in self.threads.values() for reply in thread]
        return self.posts + [reply for reply in replies if reply not in self.posts]

    def delete(self, ts: str) -> None:
        """As somebody who deletes a message: replies to it stay where they are."""
        self.posts = [post for post in self.posts if post["ts"] != ts]


class Workspace(Protocol):
    """What the methods need of the server."""

    channels: dict[str, Channel]
    scopes: set[str]
    files: dict[str, bytes]
    upload_url: str
    page: int
    calls: list[Any]

    def socket_address(self) -> str | None:
        """Where the app connects; None where Socket Mode is off."""
        ...


def _post(slack: Workspace, arguments: Answer) -> Answer:
    if "chat:write" not in slack.scopes:
        return error("missing_scope")
    channel = named(slack, arguments.get("channel", ""))
    if channel is None or (fault := _fault(channel, arguments)):
        return error(fault if channel else "channel_not_found")
    ts = f"{time.time():.0f}.{len(slack.calls):06d}"
    post = {"ts": ts, "bot_id": "B0BOT", **arguments}
    thread = arguments.get("thread_ts")
    if thread is None:
        channel.posts.append(post)
    elif all(root["ts"] != thread for root in channel.posts):
        return error("thread_not_found")
    else:
        channel.threads.setdefault(thread, []).append(post)
        if arguments.get("reply_broadcast"):
            channel.posts.append(post)
    return {"ok": True, "ts": ts, "channel": channel.id, "message": {"ts": ts, "text": arguments.get("text")}}


def _update(slack: Workspace, arguments: Answer) -> Answer:
    channel = slack.channels.get(arguments.get("channel", ""))  # An id; names are not taken here.
    if channel is None or (fault := _fault(channel, arguments)):
        return error(fault if channel else "channel_not_found")
    post = next((post for post in channel.everything() if post["ts"] == arguments.get("ts")), None)
    if post is None:
        return error("message_not_found")
    if post.get("bot_id") != "B0BOT":
        return error("cant_update_message")
    # Metadata, once set, stays unless the call brings new one; blocks likewise.
    post.update(arguments)
    return {"ok": True, "ts": post["ts"], "channel": channel.id, "text": post.get("text", "")}


def _history(slack: Workspace, arguments: Answer) -> Answer:
    channel = slack.channels.get(arguments.get("channel", ""))
    if fault := _closed(slack, channel):
        return error(fault)
    assert channel
    return _messages(slack, list(reversed(_since(channel.posts, arguments))), arguments)


def _replies(slack: Workspace, arguments: Answer) -> Answer:
    channel = slack.channels.get(arguments.get("channel", ""))
    if fault := _closed(slack, channel):
        return error(fault)
    assert channel
    root = [post for post in channel.posts if post["ts"] == arguments.get("ts")]
    thread = channel.threads.get(str(arguments.get("ts")), [])
    if not root and not thread:
        return error("thread_not_found")
    # The parent comes on each answer, whatever `oldest` says; replies follow, the oldest first.
    return _messages(slack, root + _since(thread, arguments), arguments)


def _announce(slack: Workspace, arguments: Answer) -> Answer:
    if "files:write" not in slack.scopes:
        return error("missing_scope")
    if not arguments.get("filename") or int(arguments.get("length") or 0) < 1:
        return error("invalid_arguments")
    file = f"F{len(slack.files):07d}"
    slack.files[file] = b""
    return {"ok": True, "upload_url": f"{slack.upload_url}{file}", "file_id": file}


def _share(slack: Workspace, arguments: Answer) -> Answer:
    files = json.loads(arguments.get("files") or "[]")
    channel = slack.channels.get(arguments.get("channel_id", ""))
    if channel is None or not channel.member:
        return error("channel_not_found")
    if not files or not all(slack.files.get(file["id"]) for file in files):
        return error("file_not_found")
    thread = str(arguments.get("thread_ts"))
    post = {"ts": f"{time.time():.0f}.{len(slack.calls):06d}", "bot_id": "B0BOT", "files": files}
    channel.threads.setdefault(thread, []).append(post)
    return {"ok": True, "files": files}


def _closed(slack: Workspace, channel: Channel | None) -> str:
    if "channels:history" not in slack.scopes:
        return "missing_scope"
    return "channel_not_found" if channel is None else "" if channel.member else "not_in_channel"


def _since(posts: list[Answer], arguments: Answer) -> list[Answer]:
    oldest = float(arguments.get("oldest") or 0)
    return [post for post in posts if float(post["ts"]) > oldest]


def _messages(slack: Workspace, posts: list[Answer], arguments: Answer) -> Answer:
    shown = [dict(post) for post in posts]
    if str(arguments.get("include_all_metadata")).lower() not in {"1", "true"}:
        for post in shown:
            post.pop("metadata", None)
    page, metadata = _cut(slack, shown, arguments)
    return {"ok": True, "messages": page, "has_more": bool(metadata["next_cursor"]), "response_metadata": metadata}


def _list(slack: Workspace, arguments: Answer) -> Answer:
    if "channels:read" not in slack.scopes:
        return error("missing_scope")
    every = [{"id": c.id, "name": c.name, "is_archived": c.archived} for c in slack.channels.values()]
    page, metadata = _cut(slack, every, arguments)
    return {"ok": True, "channels": page, "response_metadata": metadata}


def _open_connection(slack: Workspace, arguments: Answer) -> Answer:
    if "connections:write" not in slack.scopes:
        return error("missing_scope")
    address = slack.socket_address()
    return {"ok": True, "url": address} if address else error("socket_mode_disabled")


OF_THE_APP = frozenset({"apps.connections.open"})
"""Methods that take an app-level token, and no other."""
METHODS: dict[str, Callable[[Any, Answer], Answer]] = {
    "apps.connections.open": _open_connection,
    "auth.test": lambda slack, arguments: {"ok": True, "user": "volteface", "team": "Desk", "bot_id": "B0BOT"},
    "chat.postMessage": _post,
    "chat.update": _update,
    "conversations.history": _history,
    "conversations.list": _list,
    "conversations.replies": _replies,
    "files.completeUploadExternal": _share,
    "files.getUploadURLExternal": _announce,
}


def named(slack: Workspace, name: str) -> Channel | None:
    """A channel by id or by name, as posting allows."""
    return next((c for c in slack.channels.values() if name in (c.id, c.name, f"#{c.name}")), None)


def _cut(slack: Workspace, items: list[Answer], arguments: Answer) -> tuple[list[Answer], Answer]:
    """One page of a listing, and the cursor to the next."""
    start = int(arguments.get("cursor") or 0)
    size = min(int(arguments.get("limit") or 100), slack.page, LONGEST_PAGE)
    more = start + size < len(items)
    return items[start : start + size], {"next_cursor": str(start + size) if more else ""}


def error(code: str) -> Answer:
    """Slack's way of saying no."""
    return {"ok": False, "error": code}


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
    return "invalid_blocks" if len(blocks) > 50 or any(block_fault(block) for block in blocks) else ""


def block_fault(block: Answer) -> str:
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
    if kind == "actions":
        return _actions_fault(block.get("elements", []))
    return "" if kind == "divider" else f"unknown block {kind}"


def _actions_fault(elements: list[Answer]) -> str:
    names = {element.get("action_id", "") for element in elements}
    if not 1 <= len(elements) <= 25 or len(names) < len(elements) or not all(1 <= len(name) <= 255 for name in names):
        return "must have 1 to 25 elements, each with an action_id of its own"
    return next(filter(None, map(_element_fault, elements)), "")


def _element_fault(element: Answer) -> str:
    confirm = element.get("confirm", {})
    limits = (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)) if confirm else ()
    wrong = "".join(_text_fault([confirm.get(part, {})], 1, longest) for part, longest in limits)
    if element["type"] == "button":
        too_long = "value over 2,000 characters" if len(element.get("value", "")) > 2000 else ""
        return wrong or too_long or _text_fault([element.get("text", {})], 1, 75, {"plain_text"})
    options = element.get("options", [])
    if element["type"] != "overflow" or not 1 <= len(options) <= 5:
        return "neither a button nor a menu of 1 to 5 options"
    too_long = "value over 150 characters" if any(len(option["value"]) > 150 for option in options) else ""
    return wrong or too_long or _text_fault([option["text"] for option in options], 1, 75, {"plain_text"})


def _text_fault(texts: list[Answer], least: int, longest: int, kinds: frozenset[str] | set[str] = frozenset()) -> str:
    if len(texts) < least:
        return "no text"
    for text in texts:
        if text.get("type") not in (kinds or {"plain_text", "mrkdwn"}) or not 1 <= len(text.get("text", "")) <= longest:
            return f"must have 1 to {longest} characters"
    return ""
