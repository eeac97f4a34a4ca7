"""`volteface alerts`: what an operator reads of alerts, their changes and their delivery."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from shift_samples import FOUND, evidence, shift

from deploy.cli import main
from volteface.alert_types import Alert, AlertChange, ChangeKind
from volteface.store import Store
from volteface.types import AlertState

ROOT = Path(__file__).parents[2]


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """The shipped config with a store of its own."""
    document = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    document["database"] = f"sqlite:///{tmp_path}/test.db"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return tmp_path / "config.yaml"


def alerts(config_file: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config_file), "alerts", *options])


def fill(config_file: Path) -> None:
    """One alert that was delivered and walked back, and a newer one of an office that is gone."""
    change = AlertChange(
        "old", 1, ChangeKind.WALKED_BACK, FOUND, "moved back 5 h later", AlertState.WALKED_BACK, "iran_president",
        (evidence(),), "new",
    )  # fmt: skip
    newer = shift("new", holder="iran_navy", axis="fishing", at=FOUND.replace(hour=20, minute=0))
    with Store.open(f"sqlite:///{config_file.parent}/test.db") as store:
        told = Alert(shift("old", state=AlertState.WALKED_BACK), (change,))
        store.readings.save_detection([], [], [(shift("old"), ()), (newer, ())], FOUND, [told])
        item = store.outbox.claim("test", FOUND)
        assert item
        store.outbox.sent(item.id, receipt="1741696800.1", now=FOUND)


def test_story_and_delivery_are_shown_newest_first(config_file: Path) -> None:
    """An operator could not tell from the terminal what became of an alert, or whether it arrived."""
    fill(config_file)
    result = alerts(config_file)

    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "2025-03-11 20:00  iran_navy: +0.4 → -0.7",
        "    provisional, 2 independent origins; waiting; alert new",
        "2025-03-11 12:40  Iran's president: open to talks on terms → rejects talks",
        "    walked back, 2 independent origins; delivered, 1 of its changes waiting; alert old",
        "    2025-03-11 12:40  walked back: moved back 5 h later",
    ]


def test_json_has_one_object_a_line_and_the_limit_holds(config_file: Path) -> None:
    """A script could not follow an alert from its key to what superseded it."""
    fill(config_file)
    newest, oldest = [json.loads(line) for line in alerts(config_file, "--json").output.splitlines()]
    [only] = alerts(config_file, "--json", "--limit", "1").output.splitlines()

    assert json.loads(only) == newest
    assert (oldest["key"], oldest["state"], oldest["delivery"], oldest["receipt"]) == (
        "old",
        "walked_back",
        "delivered",
        "1741696800.1",
    )
    assert oldest["changes"] == [
        {
            "number": 1,
            "at": "2025-03-11T12:40:00+00:00",
            "kind": "walked_back",
            "words": "moved back 5 h later",
            "alert": "new",
        }
    ]
    assert (newest["updates_waiting"], oldest["updates_waiting"]) == (0, 1)


def test_empty_store_says_so(config_file: Path) -> None:
    """A blank screen would leave open whether the command works."""
    assert alerts(config_file).output == "No alert has been raised yet.\n"
