"""The one list of deployments, and what is made from it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from deploy.cli import main
from deploy.deployments import DeploymentSpec, prefect_yaml, served, specs
from volteface.config_file import load_config

ROOT = Path(__file__).parents[2]
CONFIG = load_config(ROOT / "config.yaml")


def test_checked_in_prefect_yaml_is_what_the_config_gives() -> None:
    """`prefect deploy --all` would give a fleet other schedules than those of config.yaml."""
    written = (ROOT / "deploy/prefect.yaml").read_text(encoding="utf-8")

    assert written == prefect_yaml(CONFIG, "/etc/volteface/config.yaml", "volteface"), "see the first lines of the file"


def test_every_schedule_has_its_deployment() -> None:
    """A cron line of config.yaml would be accepted, and nothing would run by it, or two deployments would."""
    crons = CONFIG.schedule.model_dump()

    assert sorted((spec.flow.name, spec.cron) for spec in specs(CONFIG)) == sorted(crons.items())


@pytest.mark.parametrize("spec", specs(CONFIG), ids=lambda spec: spec.entrypoint)
def test_a_run_cannot_hang_for_ever(spec: DeploymentSpec) -> None:
    """One hung run would keep its slot, and every later run of its flow would be turned away."""
    assert 60 <= spec.timeout_s <= 3600
    assert f"stopped after {spec.timeout_s / 60:g} minutes" in spec.description


def test_both_ways_to_run_are_the_same() -> None:
    """A desk that grows from one server to a fleet would find other schedules, or runs that pile up."""
    pooled = yaml.safe_load(prefect_yaml(CONFIG, str(ROOT / "config.yaml"), "volteface"))["deployments"]
    ours = list(served(CONFIG, ROOT / "config.yaml"))

    assert [d.entrypoint for d in ours] == [entry["entrypoint"] for entry in pooled]
    for one, entry in zip(ours, pooled, strict=True):
        assert one.parameters == entry["parameters"]
        assert one.description == entry["description"]
        assert [s.schedule.cron for s in one.schedules or []] == [s["cron"] for s in entry["schedules"]]
        assert one.concurrency_limit == entry["concurrency_limit"]["limit"] == 1
        assert one.concurrency_options.collision_strategy == entry["concurrency_limit"]["collision_strategy"]


def test_command_writes_for_another_pool(tmp_path: Path) -> None:
    """Workers with the config elsewhere, or another pool's, could not be served."""
    out = tmp_path / "prefect.yaml"
    call = ["--config", str(ROOT / "config.yaml"), "deployments", "--out", str(out), "--config-at", "/srv/desk.yaml"]

    answer = CliRunner().invoke(main, [*call, "--pool", "night"])

    assert answer.exit_code == 0, answer.output
    entries = yaml.safe_load(out.read_text(encoding="utf-8"))["deployments"]
    assert {entry["work_pool"]["name"] for entry in entries} == {"night"}
    assert {entry["parameters"]["config_file"] for entry in entries} == {"/srv/desk.yaml"}


def test_install_asks_for_a_server() -> None:
    """Without an address Prefect would start a server of its own for a moment, and the automations would go with it."""
    call = ["--config", str(ROOT / "config.yaml"), "deployments", "--install"]

    answer = CliRunner(env={"PREFECT_API_URL": None}).invoke(main, call)

    assert answer.exit_code == 2
    assert "PREFECT_API_URL" in answer.output
