"""What `volteface poll` leaves unloaded when there is nothing to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "transformers", "sentence_transformers", "prefect", "matplotlib", "alembic")


def test_poll_with_nothing_to_read_loads_no_model_and_no_prefect(tmp_path: Path) -> None:
    """A cron line each five minutes would load a model or Prefect, seconds of CPU each time, to find nothing to do."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    feed = {"id": "gone", "url": "http://127.0.0.1:9/feed.xml", "outlet": "Gone", "country": "INT", "language": "en"}
    document["feeds"] = [feed | {"ownership": "independent", "covers": ["iran"], "page": "never"}]
    document["database"] = f"sqlite:///{tmp_path}/store.db"
    config = tmp_path / "desk.yaml"
    config.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    code = (
        "import sys; from click.testing import CliRunner; from deploy.cli import main;"
        f"done = CliRunner().invoke(main, ['--config', {str(config)!r}, 'poll']);"
        f"print(done.output); print(sorted(set({HEAVY}) & set(sys.modules)))"
    )

    run_pass = [sys.executable, "-c", code]
    subprocess.run(run_pass, check=True, capture_output=True)  # The first one creates the tables.
    done = subprocess.run(run_pass, capture_output=True, text=True, check=True)

    assert "nothing to read" in done.stdout, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
