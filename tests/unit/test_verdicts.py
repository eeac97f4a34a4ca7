"""Verdicts and mutes, from the command line to what stands in Slack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from local_slack import TOKEN, LocalSlack
from shift_samples import FOUND, config, evidence, shift
from store_samples import NOON, arrival, later, stored

from deploy.cli import main
from tests.quality.instruments import gold_items
from volteface import verdicts
from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.deliver import DeliverReport, deliver
from volteface.errors import StoreError
from volteface.health import check
from volteface.secrets import Secret
from volteface.slack_send import SlackSink
from volteface.store import Store
from volteface.types import AlertState, Shift
from volteface.verdicts import Mute, Verdict, VerdictKind

ROOT = Path(__file__).parents[2]


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    """A Slack with one channel, #iran-us."""
    with LocalSlack() as running:
        yield running


def said(kind: VerdictKind = VerdictKind.RESTATEMENT, by: str = "Ann", note: str = "", key: str = "a") -> Verdict:
    return Verdict(key, kind, by, note, NOON)


def muted(hours: float, axis: str = "negotiation") -> Mute:
    return Mute("iran_president", axis, later(hours=hours), "Ann", NOON)


def one_pass(store: Store, slack: LocalSlack, hours: float = 0) -> DeliverReport:
    sink = SlackSink(Secret(TOKEN), slack.config, timeout_s=1, sleep=lambda _: None)
    return deliver(config(), store, sink, lambda: later(hours=hours), sender="test")


def raised(store: Store, *shifts: Shift) -> None:
    store.readings.save_detection([], [], [(s, ()) for s in shifts], NOON)


def softer(key: str) -> Shift:
    """A move that is no escalation."""
    return shift(key, before=-0.7, after=0.4, direction="towards")


def test_verdict_shows_in_message_and_thread(store: Store, slack: LocalSlack) -> None:
    """The desk would go on discussing an alert that a colleague has already judged."""
    raised(store, shift("a"))
    one_pass(store, slack)

    assert store.verdicts.add(said(note="*as* on Monday"))
    assert one_pass(store, slack) == DeliverReport(sent=1)

    (line,) = slack.thread()
    assert line["text"] == "*Verdict:* restatement (by Ann): ∗as∗ on Monday"
    assert "*Verdict:* restatement (by Ann): ∗as∗ on Monday" in str(slack.posts[0]["blocks"])


def test_latest_verdict_stands_in_the_message(store: Store, slack: LocalSlack) -> None:
    """A corrected verdict would leave the wrong one on display."""
    raised(store, shift("a"))
    store.verdicts.add(said())
    store.verdicts.add(said(VerdictKind.TRUE_SHIFT, by="Bob"))
    one_pass(store, slack)

    assert "true shift (by Bob)" in str(slack.posts[0]["blocks"])
    assert "restatement" not in str(slack.posts[0]["blocks"])
    assert [post["text"] for post in slack.thread()] == [
        "*Verdict:* restatement (by Ann)",
        "*Verdict:* true shift (by Bob)",
    ]


def test_same_verdict_twice_is_one(store: Store) -> None:
    """A button pressed twice would fill the thread."""
    raised(store, shift("a"))

    assert [store.verdicts.add(v) for v in (said(), said(), said(by="Bob"), said(note="sure"))] == [
        True, False, True, True,
    ]  # fmt: skip
    assert len(store.outbox.pending()) == 4


def test_verdict_on_an_unknown_alert_says_where_keys_are(store: Store) -> None:
    """A mistyped key would be taken for a verdict."""
    with pytest.raises(StoreError, match="no alert nope; `volteface alerts` shows"):
        store.verdicts.add(said(key="nope"))


def test_verdict_takes_no_change_its_number(store: Store, slack: LocalSlack) -> None:
    """A verdict given while a detector works would swallow a walk-back."""
    raised(store, shift("a"))
    store.verdicts.add(said())
    change = AlertChange("a", 1, ChangeKind.WALKED_BACK, NOON, "moved back", AlertState.WALKED_BACK, "iran_president")
    store.readings.save_detection([], [], [], NOON, [Alert(shift("a", state=AlertState.WALKED_BACK), (change,))])
    one_pass(store, slack)

    assert [c.kind for c in store.alerts.open(FOUND)[0].changes] == [ChangeKind.WALKED_BACK]
    assert {post["text"].split(":")[0] for post in slack.thread()} == {"*Walked back", "*Verdict"}


def test_mute_holds_until_it_is_over(store: Store, slack: LocalSlack) -> None:
    """A muted holder would ring all night, or what was muted would be lost."""
    store.verdicts.mute(muted(12))
    raised(store, softer("a"))

    assert one_pass(store, slack) == DeliverReport(waiting=1)
    assert one_pass(store, slack, hours=11.9) == DeliverReport(waiting=1)
    assert [row.error for row in store.outbox.pending()] == ["muted until 2025-06-02 00:00 UTC by Ann"]
    assert one_pass(store, slack, hours=12.1) == DeliverReport(sent=1)


def test_escalation_and_other_axes_pass_a_mute(store: Store, slack: LocalSlack) -> None:
    """The one alert that must never wait would wait."""
    store.verdicts.mute(muted(12))
    raised(store, softer("held"), shift("lowest"), shift("other", axis="nuclear"))

    assert one_pass(store, slack) == DeliverReport(sent=2, waiting=1)
    assert slack.keys == ["lowest", "other"]


def test_ended_mute_lets_go_at_once(store: Store, slack: LocalSlack) -> None:
    """Somebody who ends a mute would wait for hours all the same."""
    store.verdicts.mute(muted(12))
    raised(store, softer("a"))
    one_pass(store, slack)
    store.verdicts.mute(muted(0))

    assert store.verdicts.mutes(NOON) == []
    assert one_pass(store, slack, hours=0.1) == DeliverReport(sent=1)


def test_muted_alert_is_no_outage(store: Store, slack: LocalSlack) -> None:
    """The watchdog would report as an outage what somebody has muted on purpose."""
    store.verdicts.mute(muted(12))
    raised(store, softer("a"))
    one_pass(store, slack)

    found = {hours: check(config(), store, later(hours=hours)).faults for hours in (11, 13)}
    assert ["delivery" in {fault.key for fault in faults} for faults in found.values()] == [False, True]


def test_titles_of_kept_articles(store: Store) -> None:
    """Labelled data would lack the headline that tells who is meant."""
    stored(store, arrival(1))
    url = "https://gazette.example/1"

    assert store.verdicts.titles([url, "https://gone.example/"]) == {url: "Minister speaks for the 1. time"}


@pytest.mark.parametrize(
    ("text", "span"), [("90m", timedelta(minutes=90)), ("12h", timedelta(hours=12)), ("3d", timedelta(days=3))]
)
def test_time_spans(text: str, span: timedelta) -> None:
    """A mute would last longer or shorter than was typed."""
    assert verdicts.duration(text) == span


@pytest.mark.parametrize("text", ["", "12", "0h", "-1h", "1w", "15d", "99999d"])
def test_unusable_time_span_is_refused(text: str) -> None:
    """A typing error would mute a holder for years, or crash."""
    with pytest.raises(ValueError, match=r"write for example|longer than 14 days"):
        verdicts.duration(text)


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """The shipped config with a store of its own, and in it one alert."""
    text = (ROOT / "config.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("database:")]
    path = tmp_path / "config.yaml"
    path.write_text("\n".join([*lines, f"database: sqlite:///{tmp_path}/test.db"]), encoding="utf-8")
    with Store.open(f"sqlite:///{tmp_path}/test.db") as store:
        config_only = evidence("our own words", url="", outlet="config")
        raised(store, shift("a"), shift("b", evidence=(evidence("Not his words."), config_only)), shift("c"))
    return path


def volteface(config_file: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config_file), *words])


def test_judged_alerts_become_gold_rows(config_file: Path, tmp_path: Path) -> None:
    """A desk's verdicts could not be used to measure the reader."""
    for key, kind in (("a", "true_shift"), ("b", "wrong_speaker"), ("c", "acknowledged")):
        assert volteface(config_file, "verdict", key, kind, "--by", "Ann").exit_code == 0
    target = tmp_path / "labels.jsonl"
    result = volteface(config_file, "verdicts", "export", str(target))

    assert result.output == f"{target}: 3 readings of 2 judged alerts\n"
    items = gold_items(target)
    assert [(item.id, item.gold) for item in items] == [
        ("a-0", (("iran_president", "negotiation", -1),)),
        ("a-1", (("iran_president", "negotiation", -1),)),
        ("b-0", ()),
    ]  # fmt: skip
    row = json.loads(target.read_text(encoding="utf-8").splitlines()[2])
    assert (row["verdict"], row["by"], row["text"]) == ("wrong_speaker", "Ann", "Not his words.")
    assert row["judged"]["holder"] == "iran_president"


def test_commands_say_what_they_did(config_file: Path) -> None:
    """Somebody who types a verdict or a mute would not know whether it counts."""
    verdict = volteface(config_file, "verdict", "a", "old_news", "--by", "Ann", "--note", "from  May")
    again = volteface(config_file, "verdict", "a", "old_news", "--by", "Ann", "--note", "from May")
    mute = volteface(config_file, "mute", "iran_president", "negotiation", "--for", "2h", "--by", "Ann")
    shown = volteface(config_file, "alerts")
    off = volteface(config_file, "mute", "iran_president", "negotiation", "--off")

    assert verdict.output == "alert a: old news (by Ann): from May\n"
    assert again.output == "alert a: old news (by Ann): from May (was on record already)\n"
    assert "muted until" in mute.output
    assert "verdict: old news (by Ann): from May" in shown.output
    assert "Muted: iran_president on negotiation until" in shown.output
    assert off.output.endswith("no longer muted\n")
    assert "Muted:" not in volteface(config_file, "alerts").output


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("mute", "nobody", "negotiation"), 2, "'nobody' is not in config.yaml; one of"),
        (("mute", "iran_president", "weather"), 2, "'weather' is not in config.yaml"),
        (("mute", "iran_president", "negotiation", "--for", "long"), 2, "write for example 90m, 12h or 3d"),
        (("verdict", "zzz", "true_shift"), 1, "there is no alert zzz"),
        (("verdict", "a", "maybe"), 2, "'maybe' is not one of"),
        (("verdict", "a", "old_news", "--by", "x" * 81), 2, "at most 80 characters"),
    ],
    ids=["holder", "axis", "time", "key", "verdict", "name"],
)
def test_wrong_calls_are_told(config_file: Path, words: tuple[str, ...], code: int, told: str) -> None:
    """A typing error would be stored, or answered with a traceback."""
    result = volteface(config_file, *words)

    assert result.exit_code == code
    assert told in result.output
