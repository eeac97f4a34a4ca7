"""The page docs/install/server.md without systemd: python -m tests.soak.by_hand.

Runs the command lines of `deploy/systemd/` with their environment and credentials, below a folder of its own instead of
/etc and /var/lib, against a feed and a Slack on loopback; then pulls the plug of the poller and looks what the
watchdog's unit says in the channel. Prints what was seen, and when.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import click
import httpx
import yaml

from deploy.serve import QUIET
from tests.local_slack import CHANNEL, TOKEN, LocalSlack
from tests.local_web import LocalWeb
from tests.soak.desk import MINUTE, ROOT
from tests.soak.units import Unit

UNITS = ROOT / "deploy" / "systemd"
API = "http://127.0.0.1:4200/api"
LOOK_S = 20.0
"""Between two looks of the watchdog; the timer's ten minutes would be too long to watch."""
PATIENCE_S = 400.0
RSS = """<rss version="2.0"><channel><title>Sample</title><link>http://x/</link><item><title>Rain in Lisbon</title>
<link>http://x/1</link><guid>1</guid><description>It rains.</description>
<pubDate>{at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item></channel></rss>"""


@dataclass
class Place:
    """The server on which the page is followed."""

    folder: Path
    slack: LocalSlack
    begun: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """What was seen, with the seconds since the beginning."""
        click.echo(f"{time.monotonic() - self.begun:5.0f} s  {what}")

    def here(self, text: str) -> str:
        """The page's paths, below our folder; the program is this checkout's."""
        moved = {"/opt/volteface": str(ROOT), "%d": f"{self.folder}/credentials"}
        moved |= {path: f"{self.folder}{path}" for path in ("/etc/volteface", "/var/lib/volteface")}
        for path, ours in moved.items():
            text = text.replace(path, ours)
        return text

    def unit(self, name: str) -> tuple[list[str], dict[str, str], list[str]]:
        """ExecStart, environment and ExecStartPost of a unit."""
        lines = [line.partition("=") for line in (UNITS / f"{name}.service").read_text().splitlines()]
        values = {key: self.here(value) for key, _, value in lines}
        settings = [self.here(value) for key, _, value in lines if key == "Environment"]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "VOLTEFACE_", *QUIET))}
        env = clean | dict(part.split("=", 1) for setting in settings for part in shlex.split(setting))
        # systemd writes a percent sign as two.
        return shlex.split(values["ExecStart"].replace("%%", "%")), env, shlex.split(values.get("ExecStartPost", ""))

    @property
    def state(self) -> Path:
        """In place of /var/lib/volteface."""
        return Path(self.here("/var/lib/volteface"))

    def once(self, name: str) -> int:
        """Run a oneshot unit; its exit code."""
        command, env, _ = self.unit(name)
        return subprocess.run(command, env=env, cwd=self.state, check=False, stdout=subprocess.DEVNULL).returncode

    def volteface(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command as the page gives it, from the service's folder."""
        command = [str(ROOT / ".venv/bin/volteface"), "--config", self.here("/etc/volteface/config.yaml"), *arguments]
        return subprocess.run(command, cwd=self.state, check=False, capture_output=True, text=True)


def prepare(place: Place, web: LocalWeb) -> None:
    """The section Install, as far as it concerns files; a feed, a channel and schedules that do not take all day."""
    for path in ("/etc/volteface", "/var/lib/volteface/backup", "/credentials"):
        (place.folder / path.lstrip("/")).mkdir(parents=True)
    (place.folder / "credentials/slack-token").write_text(TOKEN)
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    feed = {"id": "sample", "url": web.url("/feed.xml"), "outlet": "Sample", "country": "INT", "language": "en"}
    document["feeds"] = [feed | {"ownership": "independent", "covers": ["iran", "us"], "page": "never"}]
    document["poll"] |= {"allow_private_addresses": True, "min_interval_s": 60, "max_interval_s": 60}
    document["slack"] = {"channel": CHANNEL, "api_url": place.slack.config.api_url}
    document["schedule"] = dict.fromkeys(("poll", "analyze", "alert"), MINUTE)
    document["health"] = {"poll_max_min": 2, "settle_min": 0.5}
    config = Path(place.here("/etc/volteface/config.yaml"))
    config.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")


def until(place: Place, done: Callable[[], object], pause_s: float = 2.0) -> float:
    """Seconds until it was so. Raises TimeoutError."""
    begun = time.monotonic()
    while not done():
        if time.monotonic() - begun > PATIENCE_S:
            raise TimeoutError(f"not within {PATIENCE_S:g} s; Slack: {[post['text'] for post in place.slack.posts]}")
        time.sleep(pause_s)
    return time.monotonic() - begun


def started(place: Place, name: str) -> Unit:
    """A service, begun."""
    command, env, after = place.unit(name)
    unit = Unit(name, command, env, place.state, 10)
    unit.start()
    if after:
        subprocess.run(after, check=True)
    return unit


def follow(place: Place) -> None:
    """The page, from `config check` to the plug."""
    place.say(f"config check: {place.volteface('config', 'check').stdout.strip().splitlines()[-1]}")
    server = started(place, "volteface-server")
    place.say("volteface-server: answers (ExecStartPost)")
    service = started(place, "volteface")
    try:
        until(place, lambda: _polled() > 0)
        place.say("volteface: the first poll is complete")
        healthy = place.volteface("health")
        place.say(f"health: exit code {healthy.returncode}, {healthy.stdout.strip().splitlines()[0]}")
        backup = place.once("volteface-backup")
        place.say(f"volteface-backup: exit code {backup}, {[path.name for path in (place.state / 'backup').iterdir()]}")
        pull_the_plug(place, service)
        service.start()
        place.say("volteface: started again")
        told = len(place.slack.posts)
        until(place, lambda: _look(place) > told, LOOK_S)
        place.say(f"in the channel: {place.slack.posts[-1]['text']}")
        _look(place), _look(place)
        place.say(f"two more looks: {len(place.slack.posts)} messages in the channel")
    finally:
        service.stop()
        server.stop()


def pull_the_plug(place: Place, service: Unit) -> None:
    """Kill the service and its runs, do not start it again, and let the watchdog look."""
    _look(place)
    place.say(f"watchdog, before: {len(place.slack.posts)} messages in the channel")
    service.kill(everybody=True)
    place.say("volteface: killed with its runs (SIGKILL)")
    until(place, lambda: _look(place) > 0, LOOK_S)
    place.say(f"in the channel: {place.slack.posts[-1]['text']}")
    _look(place), _look(place)
    place.say(f"two more looks: {len(place.slack.posts)} message in the channel")


def _look(place: Place) -> int:
    """One run of the watchdog's unit; messages in the channel after it."""
    place.once("volteface-watchdog")
    return len(place.slack.posts)


def _polled() -> int:
    """Poll runs that were completed, by the Prefect server."""
    asked = {"flows": {"name": {"any_": ["poll"]}}, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    try:
        answer = httpx.post(f"{API}/flow_runs/count", json=asked, trust_env=False, timeout=10).raise_for_status()
    except httpx.HTTPError:
        return 0
    return int(answer.text)


@click.command(help=__doc__)
def main() -> None:
    """Command line."""
    with tempfile.TemporaryDirectory() as folder, LocalWeb() as web, LocalSlack() as slack:
        web.route("/feed.xml", body=RSS.format(at=datetime.now(UTC)).encode())
        place = Place(Path(folder), slack)
        prepare(place, web)
        follow(place)


if __name__ == "__main__":
    main()
