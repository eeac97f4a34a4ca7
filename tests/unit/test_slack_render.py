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
from slack_sdk.models.blocks import Block as SlackBlock

from volteface.mrkdwn import inert, link, spans
from volteface.slack_render import Message, exhibits, likelihood, render
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


def strings(message: Message) -> list[str]:
    """Every string that Slack would parse."""
    found = [message.text]
    for block in message.blocks:
        for part in [block.get("text"), *block.get("fields", []), *block.get("elements", [])]:
            found += [part["text"]] if part else []
    return found


def shown(message: Message) -> str:
    return "\n".join(strings(message)[1:])


@settings(max_examples=120, deadline=None)
@given(shifts, st.lists(texts, max_size=12))
def test_any_shift_fits_slack_and_is_inert(made: Shift, blind: list[str]) -> None:
    """A hostile or monstrous feed item would get the alert refused, or page the whole channel."""
    message = render(made, CONFIG, blind)

    for block in message.blocks:
        SlackBlock.parse(block).validate_json()
    assert len(message.blocks) <= 50
    assert len(message.text) <= 4000
    assert len(json.dumps(message.blocks, ensure_ascii=False)) <= 12_000
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
    monster = shift(long, person=long, holder=long, axis=long, side=long, evidence=pieces[1:], prior=pieces[:1])

    message = render(monster, CONFIG, [long] * 50)

    assert 9_000 < len(json.dumps(message.blocks, ensure_ascii=False)) <= 12_000


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


@pytest.mark.parametrize(
    ("url", "expected"),
    {
        "https://a.example/x?a=1&b=2": "<https://a.example/x?a=1&amp;b=2|Herald>",
        "https://a.example/a|b>c<d e": "<https://a.example/a%7Cb%3Ec%3Cd%20e|Herald>",
        "https://a.example/@here": "<https://a.example/%40here|Herald>",
        "https://a.example/خبر": "<https://a.example/%D8%AE%D8%A8%D8%B1|Herald>",
        "HTTPS://a.example/": "<HTTPS://a.example/|Herald>",
        "javascript:alert(1)": "Herald",
        "ftp://a.example/": "Herald",
        "https://reuters.com@evil.example/": "Herald",
        "https://[bad": "Herald",
        "https:///nohost": "Herald",
        "": "Herald",
        "https://a.example/" + "x" * 2000: "Herald",
    }.items(),
)
def test_links_go_to_plain_web_addresses_only(url: str, expected: str) -> None:
    """A link in an alert would run code, hide its target, or swallow the rest of the message."""
    assert link(url, "Herald") == expected


@pytest.mark.parametrize(
    ("foreign", "safe"),
    {
        "Q&A: 1 < 2 > 0": "Q&amp;A: 1 &lt; 2 &gt; 0",
        "&lt;!channel&gt;": "&amp;lt;!channel&amp;gt;",
        "<!channel> @here": "&lt;!channel&gt; @\u2060here",
        "*bold* _it_ `x` ~no~": "∗bold∗ ˍitˍ ˋxˋ ∼no∼",
        "at 12:30:45 :bomb:": "at 12꞉30:45 ꞉bomb:",
        "a\u202eb\x1b[31mc\nd\u2028e": "ab[31mc d e",
        "می‌خواهم": "می‌خواهم",
    }.items(),
)
def test_foreign_text_is_shown_and_does_nothing(foreign: str, safe: str) -> None:
    """A headline could page everybody, fake a link or change the look of the alert."""
    assert inert(foreign, 500) == safe


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("talks resume", 12, "talks resume"),
        ("talks resume", 11, "talks resu…"),
        ("talks resume", 7, "talks…"),
        ("&&&&", 19, "&amp;&amp;&amp;…"),
        ("ne\u0301e\u0301", 4, "ne\u0301…"),
        ("ab👩‍👩‍👧‍👦cd", 6, "ab…"),
        ("a🇮🇷🇺🇸b", 4, "a🇮🇷…"),
        ("a🇮🇷🇺🇸b", 5, "a🇮🇷…"),
        ("x" + "\u0300" * 100, 20, "x" + "\u0300" * 15 + "…"),
    ],
)
def test_cut_falls_between_characters_a_reader_sees(text: str, limit: int, cut: str) -> None:
    """A cut name would end in a broken accent, half a flag or half an entity."""
    assert inert(text, limit) == cut
    assert len(cut) <= limit


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
