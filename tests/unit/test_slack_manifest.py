"""The manifest of the Slack app: what it asks for is what the program needs."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from local_slack import TOKEN, LocalSlack
from shift_samples import message, shift

from volteface.chart import Picture
from volteface.secrets import Secret
from volteface.slack_faults import SINK_FAULTS
from volteface.slack_send import SlackSink

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load((ROOT / "deploy/slack/manifest.yaml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/install/slack.md").read_text(encoding="utf-8")
GRANTED = MANIFEST["oauth_config"]["scopes"]["bot"]
NEEDED = {
    "auth_test": set(),
    "apps_connections_open": set(),  # connections:write, of the app-level token
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history"},
    "conversations_list": {"channels:read", "groups:read"},
    "conversations_replies": {"channels:history", "groups:history"},
    "files_upload_v2": {"files:write"},
}
"""Scopes by method of the SDK (docs.slack.dev: each method's page)."""


def test_manifest_grants_what_our_methods_need_and_no_more() -> None:
    """The app would be refused at night, at the first call that needs a scope; or could read what it never reads."""
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "volteface").glob("slack_*.py")))
    called = set(re.findall(r"client\.((?:api|apps|auth|chat|conversations|files|reactions|users|views)_\w+)", source))

    assert called == set(NEEDED)
    assert sorted(GRANTED) == sorted(set().union(*NEEDED.values()))


def test_granted_scopes_are_enough_for_everything_that_is_sent() -> None:
    """Somebody who pastes the manifest would be told `missing_scope`."""
    with LocalSlack() as slack:
        slack.scopes = set(GRANTED)
        sink = SlackSink(Secret(TOKEN), slack.config, answered=True, sleep=lambda _: None)
        said = sink.verify()
        receipt = sink.send(message(), check_history=True)
        sink.attach(receipt, Picture(b"png", "the position", "position.png"))

    assert said.endswith(", with buttons")
    assert len(slack.posts) == len(slack.thread()) == 1
    assert slack.posts[0]["blocks"][-1]["elements"][0]["value"] == shift().key


def test_manifest_lets_buttons_work() -> None:
    """Slack would say at each click that the app is not set up for it."""
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["settings"]["interactivity"] == {"is_enabled": True}
    assert MANIFEST["settings"]["token_rotation_enabled"] is False  # A rotated token would end after twelve hours.
    assert len(MANIFEST["display_information"]["description"]) <= 140


def test_page_and_refusal_name_the_same_scopes() -> None:
    """The remedy for `missing_scope` would leave one out, and the next call would be refused."""
    for scope in GRANTED:
        assert f"`{scope}`" in PAGE, scope
        assert scope in SINK_FAULTS["missing_scope"], scope
