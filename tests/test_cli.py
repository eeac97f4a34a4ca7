"""The command line as a stranger meets it, against sample feeds over loopback HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from local_web import LocalWeb

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Sample</title><link>http://x/</link>
<item><title>{title}</title><link>http://x/{n}</link><guid>{n}</guid><description>{text}</description>
<pubDate>{date:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item></channel></rss>"""


def run(*args: str, config: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.cli", "--config", str(config), *args]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("VOLTEFACE")}
    return subprocess.run(
        command, cwd=ROOT, env=clean | (env or {}), capture_output=True, text=True, timeout=240, check=False
    )


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with LocalWeb() as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, web: LocalWeb) -> Path:
    """The shipped config with three loopback feeds: two that tell one reversal, one that is dead."""
    now = datetime.now(UTC) - timedelta(hours=1)
    news = {
        "one": (
            "Khamenei: Iran agrees to direct talks with the United States",
            "Ayatollah Khamenei said that Iran accepts negotiations with the United States and will send an envoy.",
        ),
        "two": (
            "Supreme Leader accepts negotiations with Washington",
            "Iran's Supreme Leader agreed on Sunday to hold talks with the United States, his office announced.",
        ),
    }
    for name, (title, text) in news.items():
        web.route(f"/{name}.xml", body=RSS.format(title=title, text=text, n=name, date=now).encode())
    web.route("/dead.xml", status=503)
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    document["feeds"] = [
        {
            "id": f"feed_{name}", "url": web.url(f"/{name}.xml"), "outlet": f"Outlet {name}", "country": "INT",
            "ownership": "independent", "language": "en", "covers": ["iran"], "page": "never",
        }
        for name in ("one", "two", "dead")
    ]  # fmt: skip
    document["database"] = f"sqlite:///{tmp_path}/store.db"
    document["poll"] = {"allow_private_addresses": True, "host_gap_s": 0}
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def test_poll_twice_alerts_once(config: Path) -> None:
    """The main job would not end in one alert on the console, or would repeat it on the next run."""
    first, second = run("poll", config=config), run("poll", config=config)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "2 new" in first.stdout
    assert "no Slack token configured" in first.stdout
    assert "Supreme Leader" in first.stdout.split("alert ")[0]
    assert "1 shift" in first.stdout
    assert "0 shifts" in second.stdout


def test_status_tells_dead_feed_from_silence(config: Path) -> None:
    """A feed that cannot be read would pass for a calm one."""
    run("poll", config=config)

    shown = run("status", "--json", config=config)
    assert shown.returncode == 0, shown.stderr
    state = json.loads(shown.stdout)

    health = {feed["feed"]: feed["health"] for feed in state["feeds"]}
    assert health == {"feed_one": "healthy", "feed_two": "healthy", "feed_dead": "failing"}
    assert "503" in next(f["error"] for f in state["feeds"] if f["feed"] == "feed_dead")
    assert {"side": "iran", "sources": 3, "seeing": 2} in state["coverage"]


def test_status_for_people(config: Path) -> None:
    """`volteface status` on a new database would fail, or hide the starting positions."""
    shown = run("status", config=config, env={"COLUMNS": "200"})

    assert shown.returncode == 0, shown.stderr
    assert "Iran's Supreme Leader" in shown.stdout
    assert "rejects talks" in shown.stdout
    assert "3 not yet polled" in shown.stdout


def test_positions_show_their_evidence(config: Path) -> None:
    """A position could not be traced to what carries it."""
    shown = run("positions", config=config, env={"COLUMNS": "250"})

    assert shown.returncode == 0, shown.stderr
    assert "Pezeshkian has not refused talks" in shown.stdout


def test_feeds_check_names_the_dead(config: Path) -> None:
    """At the first start a user would not learn which feeds have moved or died."""
    shown = run("feeds", "check", config=config, env={"COLUMNS": "200"})

    assert shown.returncode == 1
    assert "2 of 3 feeds work" in shown.stdout
    assert "503" in shown.stdout


@pytest.mark.parametrize("command", [["poll"], ["status"], ["serve"], ["config", "check"]])
def test_config_mistake_is_exit_code_2(config: Path, command: list[str]) -> None:
    """A script could not tell a wrong config from a failed run, or something would be half-started."""
    config.write_text(config.read_text(encoding="utf-8") + "\nslak: {}\n", encoding="utf-8")

    shown = run(*command, config=config)

    assert shown.returncode == 2
    assert "did you mean `slack`?" in shown.stderr
    assert "Traceback" not in shown.stderr
    assert not (config.parent / "store.db").exists()


def test_service_that_starts_is_awaited(config: Path) -> None:
    """Between the start of the service and its first poll the watchdog would tell the channel of an outage."""
    run("serve", config=config, env={"PREFECT_API_URL": "http://127.0.0.1:9/api"})  # nobody listens there

    shown = run("health", config=config)

    assert (shown.returncode, shown.stdout) == (0, "healthy\n"), shown.stdout


def test_prefect_server_that_is_away_is_one_line(config: Path) -> None:
    """Whoever starts the service before its server would get two screens of traceback and no remedy."""
    shown = run("serve", config=config, env={"PREFECT_API_URL": "http://ann:s3cret@127.0.0.1:9/api"})

    assert shown.returncode == 1
    told = shown.stderr.strip().splitlines()[-1]
    assert "PREFECT_API_URL" in told
    assert "refused" in told
    assert "Traceback" not in shown.stderr
    assert "s3cret" not in shown.stdout + shown.stderr


def test_wrong_secret_file_is_exit_code_2(config: Path) -> None:
    """A mistyped secret path would be found out only when the first alert is lost."""
    shown = run("poll", config=config, env={"VOLTEFACE_SLACK_TOKEN_FILE": "/no/such/file"})

    assert shown.returncode == 2
    assert "VOLTEFACE_SLACK_TOKEN_FILE" in shown.stderr


def test_read_keeps_the_contract(config: Path, tmp_path: Path) -> None:
    """Programs that script against `volteface read` would break."""
    texts = [
        {"id": "a", "text": "Pezeshkian ruled out negotiations with the United States.", "published": "2026-01-05"},
        {"id": "b", "text": "Rain is expected in Lisbon."},
        {"id": "c", "text": ""},
    ]
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(t) + "\n" for t in texts), encoding="utf-8")

    shown = run("read", str(source), str(target), config=config)

    assert shown.returncode == 0, shown.stderr
    rows = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert [row["readings"] for row in rows[1:]] == [[], []]
    (reading,) = rows[0]["readings"]
    assert {"holder", "axis", "stance", "mode", "quote", "confidence"} <= set(reading)
    assert (reading["holder"], reading["axis"]) == ("iran_president", "negotiation")
    assert reading["stance"] < -0.2
    assert reading["quote"] in texts[0]["text"]
