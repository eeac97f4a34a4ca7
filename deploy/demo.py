"""`make demo`: the main job on sample feeds over loopback HTTP, as real Prefect flow runs under a simulated clock.

Imports here are late on purpose: each process that parses feeds imports this module anew.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploy.sample_web import Sample
    from volteface.types import Extractors

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Run the demo; returns the exit code: 1 if it raised no alert."""
    from volteface.errors import VoltefaceError

    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="volteface-demo-")))
        _forget_environment()
        try:
            return _run(home, stack)
        except VoltefaceError as error:
            print(f"volteface: {error}", file=sys.stderr)
            return 1


def _forget_environment() -> None:
    """Neither a Slack token nor a Prefect server of the user's is any business of a demo."""
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "VOLTEFACE_"))]:
        del os.environ[name]


def _run(home: Path, stack: ExitStack) -> int:
    from concurrent.futures import ThreadPoolExecutor

    from rich.console import Console

    from deploy.sample_web import Clock, SampleWeb, load_sample
    from deploy.serve import environment, prefect_server

    out, sample, clock, port = Console(highlight=False, soft_wrap=True), load_sample(), Clock(), _free_port()
    web = stack.enter_context(SampleWeb(sample, clock))
    # Before Prefect is imported, for it reads its settings then.
    os.environ.update(environment(f"http://127.0.0.1:{port}/api"))
    os.environ.update(PREFECT_HOME=str(home / "prefect"), PREFECT_LOGGING_LEVEL="WARNING")
    from deploy.demo_passes import run_passes

    config_file = demo_config(home, web.address, sample)
    out.print(
        f"{len(sample.items)} items of {len(sample.feeds)} sample feeds, February to April 2025 (the facts are public, "
        "sentences and outlets ours).\nEach pass is three Prefect flow runs: poll, analyze, alert. Starting a Prefect "
        "server and loading the model…"
    )
    # Both take seconds, on a core each.
    loading = stack.enter_context(ThreadPoolExecutor(1)).submit(_load, config_file)
    stack.enter_context(prefect_server(port))
    loading.result()
    return run_passes(out, config_file, sample, clock)


def _load(config_file: Path) -> Extractors:
    from flows.analyze import instruments
    from volteface.config_file import load_config

    return instruments(load_config(config_file))


def demo_config(home: Path, address: str, sample: Sample) -> Path:
    """The shipped config with the sample feeds, a fresh database and loopback allowed."""
    import yaml

    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    keys = ("outlet", "country", "ownership", "covers")
    document["feeds"] = [
        {"id": name, "url": f"{address}/{name}.xml", "language": "en", "page": "never", **{k: feed[k] for k in keys}}
        for name, feed in sample.feeds.items()
    ]
    document["database"] = f"sqlite:///{home}/demo.db"
    document["poll"] = {"allow_private_addresses": True, "host_gap_s": 0, "silent_after_h": 240}
    path = home / "config.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
