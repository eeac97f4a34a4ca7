"""What `volteface health` calls unhealthy, and what Prometheus is told."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml
from prometheus_client import generate_latest
from shift_samples import config
from store_samples import NOON, alerted, arrival, later
from story_samples import change, save, story

from volteface.config import Config
from volteface.config_file import load_config
from volteface.health import check, look
from volteface.metrics import registry
from volteface.store import Store
from volteface.types import NewArticle
from volteface.verdicts import Verdict, VerdictKind

ROOT = Path(__file__).parents[2]
VOLTEFACE = str(Path(sys.executable).with_name("volteface"))


def desk(url: str = "sqlite://", covers: tuple[str, ...] = ("iran",), **health: float) -> Config:
    document = config(database=url).model_dump(mode="json", by_alias=True)
    feeds = [feed | {"covers": list(covers)} for feed in document["feeds"]]
    return Config.model_validate(document | {"health": health, "feeds": feeds})


def polled(store: Store, settings: Config, at: datetime = NOON, **fields: Any) -> None:
    """Both feeds were read at that moment; with `fields`, the second one otherwise."""
    store.feeds.sync(settings.feeds, at)
    for state in store.feeds.all():
        read = replace(state, checked=at, succeeded=at, newest=at, next_due=at + timedelta(minutes=15))
        store.feeds.save_poll(replace(read, **fields) if state.feed == "wire" else read, [])


def came(store: Store, settings: Config, *arrivals: NewArticle) -> None:
    polled(store, settings)
    state = store.feeds.all()[0]
    store.feeds.save_poll(state, [replace(article, feed=state.feed) for article in arrivals])


def faults(settings: Config, store: Store, now: datetime) -> dict[str, str]:
    return {fault.key: fault.words for fault in check(settings, store, now).faults}


def test_desk_that_works_is_healthy(store: Store) -> None:
    """A probe that cries wolf would be switched off."""
    settings = desk()
    came(store, settings, arrival(1))

    assert faults(settings, store, later(minutes=20)) == {}


def test_poller_that_stopped_is_unhealthy(store: Store) -> None:
    """The calm of a dead poller would pass for a calm world."""
    settings = desk()
    polled(store, settings)

    found = check(settings, store, later(minutes=61)).faults

    assert [(f.key, f.words, f.since) for f in found] == [
        ("poll", "no feed was read for 61 min: the poller does not run", NOON)
    ]


def test_slow_feeds_are_no_outage(store: Store) -> None:
    """A desk of daily feeds would be called dead each afternoon."""
    settings = desk()
    store.feeds.sync(settings.feeds, NOON)
    for state in store.feeds.all():
        daily = replace(state, checked=NOON, succeeded=NOON, newest=NOON, next_due=later(days=1), interval_s=86_400)
        store.feeds.save_poll(daily, [])

    assert faults(settings, store, later(hours=23)) == {}
    assert "poll" in faults(settings, store, later(hours=25))
    store.feeds.save_poll(replace(store.feeds.all()[0], failures=1, next_due=later(days=2)), [])
    assert faults(settings, store, later(hours=23)) == {}


def test_all_feeds_failing_is_unhealthy(store: Store) -> None:
    """A network that is gone would be taken for a poller that is busy."""
    settings = desk()
    store.feeds.sync(settings.feeds, NOON)
    for state in store.feeds.all():
        failing = replace(state, checked=later(hours=2), succeeded=NOON, failures=4, next_due=later(hours=3))
        store.feeds.save_poll(failing, [])

    assert faults(settings, store, later(hours=2)) == {"poll": "no feed was read for 2 h: 2 of 2 feeds fail"}


def test_database_that_no_poll_has_seen_is_unhealthy(store: Store) -> None:
    """A service that looks at the wrong database would be called healthy."""
    assert "poll" in faults(desk(), store, NOON)


def test_desk_that_has_just_been_started_has_time_for_its_first_poll(store: Store) -> None:
    """The first thing that a new desk hears of volteface would be an outage that is none."""
    settings = desk()
    store.feeds.sync(settings.feeds, NOON)  # as `volteface serve` does

    assert faults(settings, store, later(minutes=59)) == {}
    assert list(faults(settings, store, later(minutes=61))) == ["poll"]


def test_desk_whose_feeds_are_all_gone_is_told_so(store: Store) -> None:
    """Somebody would look for a poller that does not run, while every publisher has closed its feed."""
    settings = desk()
    store.feeds.sync(settings.feeds, NOON)
    for state in store.feeds.all():
        store.feeds.save_poll(replace(state, checked=NOON, gone=True, failures=1, failing_since=NOON), [])

    assert faults(settings, store, later(hours=1)) == {"poll": "all 2 feeds are gone: correct their addresses"}


@pytest.mark.parametrize(("floor", "unhealthy"), [(0.6, True), (0.5, False)])
def test_coverage_has_a_floor(floor: float, unhealthy: bool, store: Store) -> None:
    """One side could go dark feed by feed without anybody being told."""
    settings = desk(coverage_min=floor)
    polled(store, settings, failures=5, succeeded=None)

    words = {"coverage-iran": "only 1 of 2 sources on Iran can be seen: 1 failing"}
    assert faults(settings, store, later(minutes=1)) == (words if unhealthy else {})


def test_alert_that_waits_is_unhealthy(store: Store) -> None:
    """An alert would lie in the outbox while everybody believes that there was none."""
    settings = desk(poll_max_min=600)
    polled(store, settings)
    alerted(store, "k1")

    assert faults(settings, store, later(minutes=29)) == {}
    assert faults(settings, store, later(minutes=31)) == {
        "delivery": "1 alert undelivered for 31 min: nothing tries to send them"
    }


def test_message_held_on_purpose_does_not_make_its_changes_late(store: Store) -> None:
    """Every night with quiet hours, and every mute, would end in a message that delivery has stopped."""
    settings = desk(poll_max_min=600)
    polled(store, settings)
    save(store, story("k1", change(1, key="k1")))
    item = store.outbox.claim("test", NOON)
    assert item is not None
    store.outbox.defer(item.id, not_before=later(hours=5), attempt=item.attempts)

    assert faults(settings, store, later(hours=5)) == {}
    assert list(faults(settings, store, later(hours=6))) == ["delivery"]
    item, morning = store.outbox.claim("test", later(hours=5)), later(hours=5)
    assert item is not None
    store.outbox.retry(item.id, error="status 500", maybe_sent=False, not_before=morning, now=morning)
    assert faults(settings, store, later(hours=5, minutes=20)) == {}
    assert list(faults(settings, store, later(hours=6))) == ["delivery"]


@pytest.mark.parametrize("kind", ["verdict", "change"])
def test_what_comes_of_an_old_alert_is_not_late_at_once(kind: str, store: Store) -> None:
    """Who gives a verdict on yesterday's alert would set off an outage, though it goes out minutes later."""
    settings = desk(poll_max_min=6000)
    polled(store, settings)
    save(store, story("k1"))
    item = store.outbox.claim("test", NOON)
    assert item is not None
    store.outbox.sent(item.id, receipt="1.2", now=NOON)
    if kind == "verdict":
        store.verdicts.add(Verdict("k1", VerdictKind.TRUE_SHIFT, "Ann", "", later(hours=9)))
    else:
        save(store, story("k1", change(1, key="k1", at=later(hours=9))))

    assert faults(settings, store, later(hours=9, minutes=29)) == {}
    assert faults(settings, store, later(hours=9, minutes=31)) == {
        "delivery": "1 alert undelivered for 31 min: nothing tries to send them"
    }


def test_reason_of_the_failure_is_told(store: Store) -> None:
    """The operator would have to look for it in a log."""
    settings = desk(poll_max_min=600)
    polled(store, settings)
    alerted(store, "k1")
    item = store.outbox.claim("test", NOON)
    assert item is not None
    again = later(hours=5)
    store.outbox.retry(item.id, error="Slack refuses: token_revoked", maybe_sent=False, not_before=again, now=NOON)

    assert faults(settings, store, later(minutes=40)) == {
        "delivery": "1 alert undelivered for 40 min: Slack refuses: token_revoked"
    }


def test_dead_letter_is_unhealthy(store: Store) -> None:
    """An alert that nobody will ever get would go unnoticed."""
    settings = desk()
    polled(store, settings)
    alerted(store, "k1")
    item = store.outbox.claim("test", NOON)
    assert item is not None
    store.outbox.bury(item.id, error="msg_too_long", now=NOON)

    assert faults(settings, store, later(minutes=1)) == {
        "dead-letters": "1 alert given up: msg_too_long; once seen to: `volteface verdict k1 acknowledged`"
    }


def test_dead_letter_that_somebody_has_seen_is_over(store: Store) -> None:
    """One malformed alert would keep the probe red for ever, and hide the next fault."""
    settings = desk()
    polled(store, settings)
    alerted(store, "k1", "k2")
    for minute in (1, 2):
        item = store.outbox.claim("test", NOON)
        assert item is not None
        store.outbox.bury(item.id, error="msg_too_long", now=later(minutes=minute))
    store.verdicts.add(Verdict("k1", VerdictKind.ACKNOWLEDGED, "Ann", "", NOON))
    store.verdicts.add(Verdict("k2", VerdictKind.ACKNOWLEDGED, "Ann", "", later(minutes=3)))

    assert [words.split(";")[0] for words in faults(settings, store, later(minutes=4)).values()] == [
        "1 alert given up: msg_too_long"
    ]
    # She says the same as before the message was given up, and that word did not count for it.
    assert store.verdicts.add(Verdict("k1", VerdictKind.ACKNOWLEDGED, "Ann", "", later(minutes=4)))
    assert not store.verdicts.add(Verdict("k1", VerdictKind.ACKNOWLEDGED, "Ann", "", later(minutes=5)))
    assert faults(settings, store, later(minutes=5)) == {}
    assert [row.key for row in store.outbox.dead()] == ["k1", "k2"]


def test_acknowledgement_that_cannot_be_told_is_no_fault(store: Store) -> None:
    """Where Slack takes no message of an alert, each acknowledgement would call for the next one."""
    settings = desk()
    polled(store, settings)
    alerted(store, "k1")
    for minute in (1, 2):
        item = store.outbox.claim("test", later(minutes=minute))
        assert item is not None
        store.outbox.bury(item.id, error="invalid_blocks", now=later(minutes=minute))
        store.verdicts.add(Verdict("k1", VerdictKind.ACKNOWLEDGED, "Ann", "", later(minutes=1)))

    assert len(store.outbox.dead()) == 2
    assert faults(settings, store, later(minutes=3)) == {}


@pytest.mark.parametrize(("complete", "key"), [(True, "reading"), (False, "texts")])
def test_backlog_is_unhealthy(complete: bool, key: str, store: Store) -> None:
    """A reader that died would leave everything unread, and the alerts would simply stop."""
    settings = desk(poll_max_min=600)
    came(store, settings, arrival(1, complete=complete))

    assert faults(settings, store, later(minutes=179)) == {}
    assert list(faults(settings, store, later(minutes=181))) == [key]


def written(folder: Path) -> Path:
    """The shipped config with a database of its own."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    path = folder / "config.yaml"
    document |= {"database": f"sqlite:///{folder}/store.db"}
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def run(path: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([VOLTEFACE, "--config", str(path), *args], capture_output=True, text=True, check=False)


def test_command_says_what_is_wrong_and_exits_1(tmp_path: Path) -> None:
    """Nagios, Docker and Kubernetes go by the exit code, people by the words, programs by the JSON."""
    path = written(tmp_path)
    settings = load_config(path)
    nothing = run(path, "health")
    with Store.open(settings.database) as store:
        polled(store, settings, datetime.now(NOON.tzinfo))
    well = run(path, "health", "--json")

    assert (nothing.returncode, well.returncode) == (1, 0), well.stdout
    assert nothing.stdout.startswith("database: there is no volteface data yet")
    assert json.loads(well.stdout)["healthy"] is True
    assert json.loads(well.stdout)["faults"] == []


def test_probe_loads_no_pipeline(tmp_path: Path) -> None:
    """A probe that imports a model, Prefect or an HTTP client every few seconds would be load of its own."""
    path = written(tmp_path)
    code = (
        "import sys; from click.testing import CliRunner; from deploy.cli import main;"
        f"CliRunner().invoke(main, ['--config', {str(path)!r}, 'health']);"
        "heavy = {'torch', 'prefect', 'httpx', 'slack_sdk', 'trafilatura', 'matplotlib', 'prometheus_client'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_metrics_tell_the_state(store: Store) -> None:
    """Somebody who watches with Prometheus would not see what `volteface status` shows."""
    settings = desk()
    came(store, settings, arrival(1), arrival(2, complete=False))
    alerted(store, "k1")

    text = generate_latest(registry(settings, lambda now: look(settings, store, now), lambda: later(hours=1))).decode()

    for line in (
        "volteface_up 1.0",
        "volteface_healthy 0.0",
        'volteface_feeds{state="healthy"} 2.0',
        'volteface_feeds{state="failing"} 0.0',
        "volteface_last_successful_poll_age_seconds 3600.0",
        'volteface_sources_in_sight{side="iran"} 2.0',
        'volteface_articles_waiting{for="reading"} 1.0',
        'volteface_articles_waiting_age_seconds{for="text"} 3600.0',
        'volteface_alerts{state="confirmed"} 1.0',
        "volteface_outbox_pending 1.0",
        "volteface_outbox_age_seconds 3600.0",
        "volteface_alerts_delivered_total 0.0",
    ):
        assert line in text.splitlines()


def test_metrics_of_a_database_that_is_gone(tmp_path: Path) -> None:
    """The scrape would fail with a traceback just when it matters."""
    done = run(written(tmp_path), "metrics")

    assert done.returncode == 0, done.stderr
    assert "volteface_up 0.0" in done.stdout


def test_metrics_over_http(tmp_path: Path) -> None:
    """Prometheus could not scrape, or the endpoint would not end with its service."""
    Store.open(f"sqlite:///{tmp_path}/store.db").close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [VOLTEFACE, "--config", str(written(tmp_path)), "metrics", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"no_proxy": "*"}) as process:
        assert "metrics at http://127.0.0.1" in (process.stdout.readline() if process.stdout else "")

        text = scraped(f"http://127.0.0.1:{port}/metrics")
        process.terminate()

        assert process.wait(20) == 0
    assert "volteface_up 1.0" in text


def scraped(url: str) -> str:
    for _ in range(50):
        try:
            with urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except URLError:
            time.sleep(0.2)
    pytest.fail(f"nothing answers at {url}")
