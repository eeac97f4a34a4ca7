"""The buttons below an alert, and that nothing but they can say anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_slack import CHANNEL
from local_socket import BOB, Payload, pressed
from pydantic import ValidationError
from shift_samples import config, message, shift

from volteface.config_messages import Slack
from volteface.slack_buttons import Click, NotOurs, buttons, click_of
from volteface.verdicts import LONGEST_NAME, VerdictKind

NOW = datetime(2025, 3, 11, 13, 0, tzinfo=UTC)
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def post(key: str = "3f9a") -> Payload:
    """An alert as it stands in the channel."""
    return {"ts": "1741697000.000100", "channel": CHANNEL, "blocks": [*message(key).blocks, message(key).buttons]}


def click(label: str, **how: Any) -> Payload:
    return pressed(post(), label, at=NOW.timestamp(), **how)


@pytest.mark.parametrize(
    ("label", "kind", "mute_for"),
    [
        ("Seen", VerdictKind.ACKNOWLEDGED, None),
        ("True shift", VerdictKind.TRUE_SHIFT, None),
        ("Restatement", VerdictKind.RESTATEMENT, None),
        ("Wrong speaker", VerdictKind.WRONG_SPEAKER, None),
        ("Old news", VerdictKind.OLD_NEWS, None),
        ("Mute for 4 h", VerdictKind.ACKNOWLEDGED, timedelta(hours=4)),
        ("Mute for 72 h", VerdictKind.ACKNOWLEDGED, timedelta(hours=72)),
    ],
)
def test_each_button_says_what_is_written_on_it(label: str, kind: VerdictKind, mute_for: timedelta | None) -> None:
    """An analyst who presses `Restatement` would have called the alert something else."""
    said = click_of(click(label, user=BOB), CHANNEL, NOW)

    assert said == Click("3f9a", kind, mute_for, "bob, U0BOB00001", NOW)


def test_menu_tells_what_it_will_mute_and_asks_again() -> None:
    """A slip of the finger would silence an office for three days."""
    menu = message().buttons["elements"][-1]  # type: ignore[index]

    assert menu["confirm"]["text"]["text"] == (
        "Alerts of Iran's president on negotiations will wait. Escalations come all the same."
    )


def test_hours_of_the_menu_are_the_configs() -> None:
    """A desk that wants other hours, or no mutes at all, could not have them."""
    own = config(slack={"channel": "#iran-us", "mute_hours": [1, 24]})
    none = config(slack={"channel": "#iran-us", "mute_hours": []})

    shown = [[option["text"]["text"] for option in row["elements"][-1].get("options", [])]
             for row in (buttons(shift(), own), buttons(shift(), none)) if row]  # fmt: skip
    assert shown == [["Mute for 1 h", "Mute for 24 h"], []]


@pytest.mark.parametrize("hours", [[4, 1], [4, 4], [0], [337], [1, 2, 3, 4, 5, 6]])
def test_hours_that_no_menu_can_show_are_refused(hours: list[int]) -> None:
    """Slack would refuse every alert on account of its menu."""
    with pytest.raises(ValidationError):
        Slack(channel="#iran-us", mute_hours=tuple(hours))


def altered(part: str, value: object) -> Payload:
    """A click on `Restatement` in which one part is another."""
    payload = click("Restatement")
    if part in ("action_id", "action_ts", "value"):
        payload["actions"][0][part] = value
    else:
        payload[part] = value
    return payload


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (altered("action_id", "volteface_delete"), "no button of ours does that"),
        (altered("action_id", "volteface_mute"), "no button of ours does that"),
        (altered("action_id", "x" * 5000), "actions.0.action_id"),
        (altered("value", "k" * 41), "names no alert"),
        (altered("value", "k" * 5000), "actions.0.value"),
        (altered("value", ""), "names no alert"),
        (altered("value", "a\0"), "names no alert"),
        (altered("channel", {"id": "C0OTHER001"}), "from another channel"),
        (altered("user", {"id": "<!channel>", "name": "x"}), "user.id"),
        (altered("user", {"id": "U0ANN00001", "name": "x" * 301}), "user.name"),
        (altered("action_ts", "1.5"), "actions.0.action_ts"),
        (altered("action_ts", f"{NOW.timestamp() - 90_000:.6f}"), "not pressed today"),
        (altered("action_ts", f"{NOW.timestamp() + 90_000:.6f}"), "not pressed today"),
        (altered("actions", []), "actions"),
        (altered("actions", click("Seen")["actions"] * 2), "actions"),
        (altered("type", "view_submission"), "type"),
        ({}, "type"),
    ],
    ids=[
        "unknown", "menu without choice", "long action", "long key", "huge value", "no key", "unprintable", "channel",
        "user", "long name", "time", "old", "future", "no action", "two actions", "type", "empty",
    ],
)  # fmt: skip
def test_what_no_button_of_ours_sends_is_refused(payload: Payload, reason: str) -> None:
    """Somebody could give verdicts by other ways than by our buttons, or break the listener."""
    with pytest.raises(NotOurs, match=reason):
        click_of(payload, CHANNEL, NOW)


@pytest.mark.parametrize("chosen", ["12h", "1000h 3f9a", "-1h 3f9a", "h 3f9a", "", "12h " + "k" * 41])
def test_mute_that_the_menu_does_not_offer_is_refused(chosen: str) -> None:
    """A forged choice would mute an office for a year."""
    payload = click("Mute for 4 h")
    payload["actions"][0]["selected_option"]["value"] = chosen

    with pytest.raises(NotOurs):
        click_of(payload, CHANNEL, NOW)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["type", "user", "channel", "actions", "action_id", "action_ts", "value"]), JSON)
def test_any_payload_is_a_click_or_is_refused(part: str, value: object) -> None:
    """A payload of a form that nobody thought of would stop the listener for everybody."""
    try:
        key = click_of(altered(part, value), CHANNEL, NOW).key
    except NotOurs as error:
        key = str(error)

    assert 0 < len(key) < 100


@given(st.text(max_size=300))
def test_name_of_a_user_is_one_short_line(name: str) -> None:
    """A user's name would break the message, or not fit the column of names."""
    said = click_of(altered("user", {"id": "U0ANN00001", "name": name}), CHANNEL, NOW)

    assert said.by.endswith("U0ANN00001")
    assert len(said.by) <= LONGEST_NAME
    assert said.by.splitlines() == [said.by]


def test_key_that_no_button_can_carry_has_none() -> None:
    """Slack would refuse the whole alert for one value that is too long."""
    assert buttons(shift("k" * 40), config()) is not None
    assert buttons(shift("k" * 41), config()) is None
    assert buttons(shift("two\nlines"), config()) is None
