"""What the installing files name exists: paths, programs, commands, secrets, settings. They are not run here."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.cli import main
from deploy.serve import HEARTBEAT_S, KEPT, QUIET

ROOT = Path(__file__).parents[2]
SERVICES = sorted((ROOT / "deploy/systemd").glob("*.service"))
UNITS = [*SERVICES, *sorted((ROOT / "deploy/systemd").glob("*.timer"))]
MANIFESTS = [ROOT / f"deploy/kubernetes/{name}.yaml" for name in ("server", "deploy", "worker", "listen")]
PAGES = sorted((ROOT / "docs/install").glob("*.md"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
EXPOSURE = 20
"""Tenths of what `systemd-analyze security` calls the exposure level; `OK` ends at 49."""
_CALL = re.compile(r"(?:\.venv/bin/|^|exec volteface |run --rm |-- )volteface(?: --config \S+)? ([a-z]+)")
"""The program at the start of a line, by its full path, or in a container."""
analyze = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(analyze is None, reason="no systemd-analyze on this machine")


def named(path: Path) -> str:
    return path.name


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units as if /opt/volteface were installed here."""
    folder = tmp_path_factory.mktemp("units")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/volteface/.venv", sys.prefix)
        (folder / unit.name).write_text(text, encoding="utf-8")
    return folder


@needs_systemd
def test_systemd_accepts_the_units(units: Path) -> None:
    """A misspelt line would be ignored with a warning in a journal that nobody reads, or the unit would not load."""
    done = subprocess.run(
        [str(analyze), "verify", *map(str, sorted(units.iterdir()))], capture_output=True, text=True, check=False
    )

    ours = [line for line in done.stderr.splitlines() if "volteface" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=named)
def test_services_are_contained(unit: Path, units: Path) -> None:
    """A feed that found a hole in a parser would have the run of the machine."""
    call = [str(analyze), "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", str(units / unit.name)]

    done = subprocess.run(call, capture_output=True, text=True, check=False)

    assert done.returncode == 0, (done.stdout + done.stderr)[-400:]


def values(unit: Path, key: str) -> list[str]:
    """What a unit sets a key to; systemd allows a key more than once."""
    return re.findall(rf"^{key}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def programs() -> set[str]:
    """The programs that an installation has."""
    return {script.name for script in entry_points(group="console_scripts")}


def assert_runs(words: list[str]) -> None:
    """A program of the installation and, where it is ours, a command of it."""
    program, *rest = (word.rsplit("/", 1)[-1] for word in words)
    assert program in programs(), words
    if program == "volteface":
        assert rest[0] in main.commands, words


@pytest.mark.parametrize("unit", SERVICES, ids=named)
def test_service_starts_what_there_is(unit: Path) -> None:
    """systemd would try for ever to start a program or a command that is not there."""
    (line,) = values(unit, "ExecStart")
    call = re.search(r"/opt/volteface/\.venv/bin/\w+ .*", line)

    assert call, line
    assert_runs(call[0].rstrip("'").split())


@pytest.mark.parametrize("unit", UNITS[len(SERVICES) :], ids=named)
def test_timer_has_its_service(unit: Path) -> None:
    """The timer would be enabled, and nothing would happen."""
    assert unit.with_suffix(".service") in SERVICES


def settings_of_systemd() -> dict[str, str]:
    lines = values(ROOT / "deploy/systemd/volteface-server.service", "Environment")
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


def settings_of_compose() -> dict[str, str]:
    return dict(COMPOSE["services"]["prefect"]["environment"])


def settings_of_kubernetes() -> dict[str, str]:
    (container,) = containers(ROOT / "deploy/kubernetes/server.yaml")
    return {row["name"]: row.get("value", "") for row in container["env"]}


@pytest.mark.parametrize("settings", [settings_of_systemd, settings_of_compose, settings_of_kubernetes])
def test_server_is_set_as_our_own_is(settings: Callable[[], dict[str, str]]) -> None:
    """A server that is not started by `volteface serve` would phone home, or keep every run for ever."""
    given = settings()

    assert {key: given.get(key) for key in QUIET | KEPT} == QUIET | KEPT


def test_image_gets_everything_that_it_is_made_of() -> None:
    """The image would be built without a package, or not at all."""
    listed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line[1:] for line in listed if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.split(".")[0] for name in project["tool"]["setuptools"]["packages"]}
    copied = set(re.findall(r"^COPY (?!--from)(?!\. )(\S+)", DOCKERFILE, re.MULTILINE))

    assert "*" in listed
    assert packages | copied | {"pyproject.toml", project["project"]["readme"]} <= kept
    assert [name for name in kept if not (ROOT / name).exists()] == []


def test_every_package_is_installed() -> None:
    """Outside of the repository, as in the image, a part of the program would be missing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for folder in ("volteface", "extractors", "flows", "deploy")
        for path in (ROOT / folder).rglob("*.py")
    }

    assert found == set(project["tool"]["setuptools"]["packages"])


def test_image_is_no_ones_root_and_tells_its_health() -> None:
    """A hole would be root's in the container, and a desk that sees nothing would look healthy to Docker."""
    final = DOCKERFILE.split("\nFROM ")[-1]

    assert int(re.findall(r"^USER (\d+)$", final, re.MULTILINE)[-1]) > 0
    assert re.search(r'^HEALTHCHECK .*CMD \["volteface", "health"\]$', final, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["volteface"\]$', final, re.MULTILINE)
    assert_runs(["volteface", *yaml.safe_load(re.findall(r"^CMD (.*)$", final, re.MULTILINE)[-1])])


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_compose_service_has_what_it_names(name: str) -> None:
    """`docker compose up` would refuse, wait for a service that is not there, or mount an empty folder for a file."""
    service = COMPOSE["services"][name]

    assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])
    for key, value in service["environment"].items():
        if value.startswith("/run/secrets/"):
            assert Path(value).name in service["secrets"], key
    for source in (volume.split(":")[0] for volume in service["volumes"]):
        assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]
    assert name == "postgres" or (ROOT / service["build"] / "Dockerfile").exists()


def test_compose_server_is_a_program_of_the_image() -> None:
    """The control room would not start."""
    assert_runs(COMPOSE["services"]["prefect"]["entrypoint"])


def test_secrets_stay_out_of_git_and_image() -> None:
    """A token would be pushed with the next commit, or with the image."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    for secret in COMPOSE["secrets"].values():
        folder = Path(secret["file"]).parts[0]
        assert f"/{folder}/" in ignored
        assert f"!{folder}" not in (ROOT / ".dockerignore").read_text(encoding="utf-8")


def containers(manifest: Path) -> Iterator[dict[str, Any]]:
    """Every container of a manifest; each volume that it mounts is one of its pod."""
    for document in yaml.safe_load_all(manifest.read_text(encoding="utf-8")):
        if pod := document["spec"].get("template", {}).get("spec"):
            volumes = {volume["name"] for volume in pod["volumes"]}
            for container in pod["containers"]:
                assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
                yield container


@pytest.mark.parametrize("manifest", MANIFESTS, ids=named)
def test_pods_run_what_the_image_has(manifest: Path) -> None:
    """A pod would crash over and over for want of a program, or ask for a secret that the page does not tell of."""
    page = (ROOT / "docs/install/kubernetes.md").read_text(encoding="utf-8")
    for container in containers(manifest):
        scripts = container.get("args", [])
        for call in scripts[0].splitlines() if scripts else [" ".join(container["command"])]:
            assert_runs(call.split())
        for row in container["env"]:
            reference = row.get("valueFrom", {}).get("secretKeyRef")
            assert not reference or f"--from-file={reference['key']}" in page


def test_workers_beat_as_the_automation_expects() -> None:
    """Healthy runs of a worker would be marked crashed three minutes after they began."""
    (worker,) = containers(ROOT / "deploy/kubernetes/worker.yaml")
    page = (ROOT / "docs/install/kubernetes.md").read_text(encoding="utf-8")

    beats = {row["name"]: row.get("value") for row in worker["env"]}["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]
    assert beats == str(HEARTBEAT_S)
    assert f"PREFECT_FLOWS_HEARTBEAT_FREQUENCY={HEARTBEAT_S}" in page


def test_kustomization_lists_the_manifests() -> None:
    """`kubectl apply -k` would leave a part out."""
    document = yaml.safe_load((ROOT / "deploy/kubernetes/kustomization.yaml").read_text(encoding="utf-8"))

    assert sorted(document["resources"]) == sorted(path.name for path in MANIFESTS)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_page_names_what_there_is(page: Path) -> None:
    """Somebody who follows the page word by word would be stuck at a command, a unit or a file that is not there."""
    text = page.read_text(encoding="utf-8")
    calls = [call[1] for line in code(text) if (call := _CALL.search(line))]
    paths = re.findall(r"(?<![\w/.-])(?:/opt/volteface/)?((?:deploy|docs|tests)/[\w./*-]*\w)", text)
    units = set(re.findall(r"\bvolteface[a-z-]*\.(?:service|timer)\b", text))

    assert calls, page
    assert [name for name in calls if name not in main.commands] == []
    assert [path for path in paths if not any(ROOT.glob(path))] == []
    assert units <= {unit.name for unit in UNITS}


def code(text: str) -> list[str]:
    """The lines of a page that are to be typed."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in block.splitlines()]
