"""The Prefect deployments, one list for both ways to run them: `volteface serve`, and workers of a work pool."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from prefect import Flow
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import load_flow_from_entrypoint
from prefect.types.entrypoint import EntrypointType

from deploy.serve import TAG
from volteface.config import Config

NAME = "volteface"
"""Of every deployment; with the flow's, as in `poll/volteface`, it is unique in a Prefect server."""
HEADER = """\
# For `prefect deploy --all`: the schedules on a work pool, in place of `volteface serve` (docs/install/kubernetes.md).
# Written by `volteface deployments --out deploy/prefect.yaml`; change config.yaml and write it anew.
"""


@dataclass(frozen=True)
class DeploymentSpec:
    """One flow with its schedule. At most one run of it at a time: a run that meets its predecessor is cancelled, so
    missed schedules catch up once, not one by one. Retries are those of the flow's tasks: a database that is busy.
    """

    entrypoint: str
    """The flow, as `package.module.function`: a file's path would be looked up from wherever a worker was started."""
    cron: str
    """In UTC."""
    purpose: str
    """A sentence for whoever looks at the deployment in Prefect's UI."""

    @cached_property
    def flow(self) -> Flow[Any, Any]:
        """The flow itself."""
        return load_flow_from_entrypoint(self.entrypoint, use_placeholder_flow=False)

    @property
    def timeout_s(self) -> float:
        """Seconds until a run is stopped and counts as failed; the flow's own, for a run knows no other."""
        if self.flow.timeout_seconds is None:
            raise ValueError(f"{self.entrypoint} has no time-out: a run that hangs would block all that come after it")
        return self.flow.timeout_seconds

    @property
    def description(self) -> str:
        """The purpose, and what holds for a run of it."""
        return f"{self.purpose} One run at a time, stopped after {self.timeout_s / 60:g} minutes."

    def served(self, config_file: str) -> RunnerDeployment:
        """For a runner in our own process. `config_file` is absolute."""
        alone = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
        return self.flow.to_deployment(  # type: ignore[return-value]  # a coroutine only within an event loop
            name=NAME,
            cron=self.cron,
            parameters={"config_file": config_file},
            description=self.description,
            tags=[TAG],
            concurrency_limit=alone,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )

    def pooled(self, config_file: str, pool: str) -> dict[str, Any]:
        """For workers of a work pool: an entry under `deployments` of prefect.yaml."""
        return {
            "name": NAME,
            "entrypoint": self.entrypoint,
            "description": self.description,
            "tags": [TAG],
            "parameters": {"config_file": config_file},
            "schedules": [{"cron": self.cron, "timezone": "UTC"}],
            "concurrency_limit": {"limit": 1, "collision_strategy": ConcurrencyLimitStrategy.CANCEL_NEW.value},
            "work_pool": {"name": pool},
        }


def specs(config: Config) -> tuple[DeploymentSpec, ...]:
    """Every deployment, with the schedule that the config gives it."""
    at = config.schedule
    return (
        DeploymentSpec("flows.poll.poll_feeds", at.poll, "Polls the feeds that are due and fetches article texts."),
        DeploymentSpec("flows.analyze.analyze_articles", at.analyze, "Reads new articles: who says or does what."),
        DeploymentSpec(
            "flows.alert.raise_alerts", at.alert, "Compares readings with standing positions and delivers alerts."
        ),
        DeploymentSpec(
            "flows.watchdog.watch_over", at.watchdog, "Tells the channel when the others see, read or deliver nothing."
        ),
        DeploymentSpec("flows.digest.tell_the_day", at.digest, "Sends the day's digest once, when it is time."),
        DeploymentSpec(
            "flows.housekeeping.keep_house",
            at.housekeeping,
            "Drops what is past its time, here and in Prefect's record.",
        ),
    )


def served(config: Config, config_file: Path) -> Iterable[RunnerDeployment]:
    """All of them for `volteface serve`."""
    return (spec.served(str(config_file.resolve())) for spec in specs(config))


def prefect_yaml(config: Config, config_at: str, pool: str) -> str:
    """All of them as the prefect.yaml of a work pool whose workers have volteface, and the config at `config_at`."""
    # `pull: []` says that there is no code to fetch; without the line each run would look for it in a folder of ours.
    document = {
        "name": NAME,
        "pull": [],
        "deployments": [spec.pooled(config_at, pool) for spec in specs(config)],
    }
    return HEADER + yaml.safe_dump(document, sort_keys=False, width=120, allow_unicode=True)
