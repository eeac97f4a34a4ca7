"""What the alert says, and that nothing in a feed can break it or speak through it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shift_samples import FOUND, config, evidence, shift
from slack_methods import block_fault
from slack_sdk.models.blocks import Block as SlackBlock

from volteface.alert_types import AlertChange, ChangeKind, OutboxItem
from volteface.mrkdwn import inert, link, spans
from volteface.slack_blocks import exhibits
from volteface.slack_render import Message, likelihood, render
from volteface.slack_thread import update_of
from volteface.types import AlertState, Evidence, Mode, Shift

CONFIG = config()
HOSTILE = [
    "<!channel>", "<!here|x>", "<@U12345678>", "@here", "@everyone", "&amp;lt;", "*_~`", ":bomb:", "> ", "\n", "|",
    "\u202e", "\u2066", "\x1b[31m", "\0", "\u200b", "\ud800", "e\u0301" * 40, "a" + "\u0300" * 500, "👩‍👩‍👧‍👦", "🇮🇷🇺🇸",
    "]]>", "<https://evil.example|Reuters>", "۱۲۳ می‌خواهم", "https://x.example/?a=1&b=<2>|3",
]  # fmt: skip
texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=900), max_size=6).map("".join)
urls = texts | st.builds("https://a.example/{}".format, texts) | st.builds("javascript:{}".format, texts)
times = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
stances = st.floats(-1, 1)
evidences = st.builds(Evidence, texts, urls, texts, times, st.integers(0, 5), st.sampled_from(Mode), stances, texts)
shifts = st.builds(
    Shift,
    key=texts,
    at=times,
    side=st.sampled_from(["iran", "us"]) | texts,
    holder=st.sampled_from(["iran_president", "us_gov"]) | texts,
    person=texts,
    axis=st.just("negotiation") | texts,
    direction=st.sampled_from(["towards", "away"]),
    before=stances,
    after=stances,
    since=times,
    state=st.sampled_from(AlertState),
    confidence=st.floats(0, 1),
    evidence=st.lists(evidences, max_size=8).map(tuple),
    prior=st.lists(evidences, max_size=3).map(tuple),
    origins=st.integers(0, 90),
)  # fmt: skip


changes = st.builds(
    AlertChange,
    key=texts,
    number=st.integers(1, 40),
    kind=st.sampled_from(ChangeKind),
    at=times,
    words=texts,
    state=st.sampled_from(AlertState),
    holder=texts,
    evidence=st.lists(evidences, max_size=4).map(tuple),
    successor=texts,
)


def strings(message: Message) -> list[str]:
    """Every string that Slack would parse."""
    found = [message.text]
    for block in message.blocks:
        for part in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]:
            found += [part["text"]] if part else []
    for element in message.buttons["elements"] if message.buttons else []:
        confirm = element.get("confirm", {})
        parts = [element.get("text"), *(option["text"] for option in element.get("options", [])), *confirm.values()]
        found += [part["text"] for part in parts if part]
    return found


def shown(message: Message) -> str:
    return "\n".join(strings(message)[1:])


@settings(max_examples=120, deadline=None)
@given(shifts, st.lists(texts, max_size=12), st.lists(changes, max_size=8))
def test_any_shift_fits_slack_and_is_inert(made: Shift, blind: list[str], steps: list[AlertChange]) -> None:
    """A hostile or monstrous feed item would get the alert refused, or page the whole channel."""
    fits_and_is_inert(render(made, CONFIG, blind, steps))


@settings(max_examples=80, deadline=None)
@given(shifts, changes)
def test_any_change_fits_slack_and_is_inert(made: Shift, change: AlertChange) -> None:
    """A hostile quote would get the walk-back refused, or page the whole channel from within a thread."""
    item = OutboxItem(1, "k#1", made, (), 1, False, (change,), change, None)
    update = update_of(item, change, CONFIG)

    assert update.line.key == update.alone.key == "k#1"
    for message in (update.message, update.line, update.alone):
        fits_and_is_inert(message)


def sent(message: Message) -> list[Any]:
    """All blocks, with the buttons."""
    return [*message.blocks, *([message.buttons] if message.buttons else [])]


def fits_and_is_inert(message: Message) -> None:
    """Within Slack's limits, and without mention, link or control character of foreign making."""
    blocks = sent(message)
    for block in blocks:
        SlackBlock.parse(block).validate_json()
    assert not any(block_fault(block) for block in blocks)
    assert len(blocks) <= 50
    assert len(message.text) <= 4000
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 12_000
    for text in strings(message):
        text.encode()
        assert not re.search(r"@(here|channel|everyone)\b", text, re.IGNORECASE)
        assert not re.search("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]", text)
        assert not re.search(r"&(?!(amp|lt|gt);)", text)
        bare = re.sub(r"<https?://[^\s<>|]+\|[^<>|]+>", "", text, flags=re.IGNORECASE).removeprefix("> ")
        assert "<" not in bare
        assert ">" not in bare


def test_longest_possible_alert_still_fits() -> None:
    """The alert with most to say would be the one that Slack refuses (msg_blocks_too_long)."""
    long, url = "&" * 5000, "https://a.example/" + "&" * 190
    pieces = tuple(evidence(f"{n}{long}", outlet=f"{n}{long}", url=url, origin_id=n, person=long) for n in range(4))
    monster = shift("k" * 40, person=long, holder=long, axis=long, side=long, evidence=pieces[1:], prior=pieces[:1])

    step = AlertChange("k", 1, ChangeKind.DIVERGENCE, FOUND, long, AlertState.SUPERSEDED, "us_gov", pieces, long)

    said = [replace(step, kind=kind) for kind in (ChangeKind.VERDICT, ChangeKind.ACKNOWLEDGED)]

    message = render(monster, CONFIG, [long] * 50, [step] * 9 + said)

    assert message.buttons
    assert 9_000 < len(json.dumps(sent(message), ensure_ascii=False)) <= 12_000


def test_first_line_tells_the_news() -> None:
    """On a locked phone an analyst would not learn who moved from where to where."""
    first = render(shift(), CONFIG, ()).text.splitlines()[0]

    assert first == "Iran's president: from *open to talks on terms* to *rejects talks* — provisional"


def test_message_shows_everything_an_analyst_checks() -> None:
    """The alert could not be trusted without opening five tabs."""
    text = shown(render(shift(), CONFIG, ("4 of 12 Iranian feeds silent for 9 h",)))

    for part in (
        "Iran's president: from “open to talks on terms” to “rejects talks” — provisional",
        "*Who*\nMasoud Pezeshkian, Iran's president (side: Iran)",
        "*On*\nnegotiations",
        "*Before*\nopen to talks on terms (+0.4)\nsince 10 Feb 2025",
        "*Now*\nrejects talks (−0.7)\n11 Mar 2025",
        "*Direction*\naway from the United States (against talks)",
        "*State*\nprovisional",
        "*Confidence*\nvery likely right (0.86)",
        "*Independent origins*\n2",
        "> “The president said he would not talk under threats.”",
        "<https://herald.example/1|Tehran Herald> · state-aligned, IR",
        " · statement: M. Pezeshkian · 11 Mar 2025, 12:40 UTC",
        "<https://wire.example/2|Gulf Wire> · independent, AE",
        "> “We do not refuse to talk, he said.”",
        "• 4 of 12 Iranian feeds silent for 9 h",
        "alert 3f9a",
    ):
        assert part in text


def test_metadata_carries_the_key() -> None:
    """After a crash the sender could not tell that the message is already there."""
    message = render(shift("abc"), CONFIG, ())

    assert message.metadata == {"event_type": "volteface_shift", "event_payload": {"key": "abc"}}
    assert message.key == "abc"


def test_starting_position_is_not_shown_as_a_quote() -> None:
    """Our own words in config.yaml would pass for something that an official said."""
    own = evidence("He has not refused talks.", outlet="config", url="", published=FOUND - timedelta(days=29))

    text = shown(render(shift(prior=(own,)), CONFIG, ()))

    assert "> He has not refused talks.\nstarting position in config.yaml, 10 Feb 2025" in text


def test_alert_outlives_an_edit_of_the_config() -> None:
    """Removing an office from config.yaml would leave its waiting alerts stuck for ever."""
    text = shown(render(shift(holder="iran_navy", axis="fishing_rights", side="atlantis"), CONFIG, ()))

    assert "Iran navy: from “+0.4” to “-0.7” — provisional" in text
    assert "away from the other side" in text


def test_same_rung_before_and_after_shows_the_figures() -> None:
    """An alert would say that somebody moved from A to A."""
    headline = render(shift(before=-0.4, after=-1.0), CONFIG, ()).blocks[0]["text"]["text"]

    assert headline == "Iran's president: from “rejects talks (−0.4)” to “rejects talks (−1.0)” — provisional"


def test_lone_origin_says_why_it_is_provisional() -> None:
    """A reader would take one outlet's word for settled."""
    assert "provisional: no second independent origin yet" in shown(render(shift(origins=1), CONFIG, ()))
    walked_back = render(shift(state=AlertState.WALKED_BACK), CONFIG, ())
    assert "*State*\nwalked back" in shown(walked_back)


def test_position_that_was_left_since_is_not_called_the_present_one() -> None:
    """`Now: rejects talks` would stand above an alert that was walked back in the morning."""
    for state in (AlertState.WALKED_BACK, AlertState.SUPERSEDED):
        text = shown(render(shift(state=state), CONFIG, ()))

        assert "*Moved to*\nrejects talks (−0.7)\n11 Mar 2025" in text
        assert "*Now*" not in text


def test_known_blindness_is_stated_even_when_there_is_none() -> None:
    """Silence about coverage would read as full coverage."""
    assert "No gap in coverage was known when this was found." in shown(render(shift(), CONFIG, ()))
    assert "• and 3 more" in shown(render(shift(), CONFIG, [f"gap {n}" for n in range(11)]))


def test_exhibits_prefer_independent_origins_and_never_repeat() -> None:
    """Three carriers of one wire story would push the second witness out of the alert."""
    wire = [evidence("Same words.", outlet=name) for name in ("A", "B")]
    more = evidence("Other words.", outlet="C")
    witness = evidence("Seen by another.", outlet="D", origin_id=9)

    assert exhibits([*wire, more, witness], 3) == (wire[0], witness, more)
    assert exhibits([*wire, more, witness], 2) == (wire[0], witness)


@pytest.mark.parametrize(("confidence", "words"), [
    (1.0, "almost certainly right"), (0.8, "very likely right"), (0.79, "likely right"),
    (0.5, "about an even chance to be right"), (0.0, "almost certainly wrong"),
])  # fmt: skip
def test_confidence_in_words(confidence: float, words: str) -> None:
    """A bare 0.79 means something else to each reader."""
    assert likelihood(confidence) == words


@given(texts, texts)
def test_our_own_messages_can_be_read_back(label: str, bold: str) -> None:
    """The terminal and the preview would show other words than Slack."""
    outlet, name = inert(label, 200).replace("|", "¦") or "?", inert(bold, 200) or "?"

    runs = spans(f"*{name}* {link('https://a.example/?a&b', outlet)}")

    assert runs[0].bold
    assert inert(runs[0].text, 2000) == name
    assert runs[-1].url == "https://a.example/?a&b"
    assert inert(runs[-1].text, 2000) == outlet


def test_equal_shifts_make_equal_messages() -> None:
    """An edit of an unchanged alert would mark it as edited."""
    first: Any = render(shift(), CONFIG, ("x",))

    assert first == render(replace(shift()), CONFIG, ("x",))
