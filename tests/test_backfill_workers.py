"""A backfill on a real Dask cluster of two processes under a real Prefect server: the same bytes, whatever dies."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backfill_samples import SPRING, deadly_reader, logged_reader, long_archive, past_item, write_archive
from fakes import MarkedReader
from prefect import get_client
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.testing.utilities import prefect_test_harness
from test_flows import edited
from test_scheduled_run import free_port

from deploy.serve import QUIET
from flows.backfill import Job, read_in_parallel
from volteface.backfill import CHUNK, Progress, ReadReport, in_this_process, read_archives, survey
from volteface.config import Config
from volteface.config_file import load_config
from volteface.errors import ModelError, WorkerError
from volteface.kept_readings import KeptReader
from volteface.types import Reader

pytestmark = [
    pytest.mark.slow,
    # Prefect and Dask leave sockets and streams to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
ROOT = Path(__file__).parents[1]
NUMBER = 8 * CHUNK


@pytest.fixture(scope="module")
def prefect_api() -> Iterator[None]:
    """A Prefect server of our own."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in QUIET.items():
            environment.setenv(name, value)
        with (
            prefect_test_harness(server_startup_timeout=120),
            temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
        ):
            yield
    gc.collect()  # Here, where the warnings are expected, and not in somebody else's test.


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """The shipped config with a store of its own, and a reader that loads quickly."""
    path = tmp_path / "config.yaml"
    path.write_text((ROOT / "config.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    rules = {"models": {"direction": "rules"}, "detect": {"min_confidence": 0.5}}
    return edited(path, database=f"sqlite:///{tmp_path}/store.db", **rules)


def none_known() -> Reader:
    raise AssertionError("the readings were asked for before they were there")


def run(
    config: Config, archive: Path, kept: Path, progress: Progress, build: Callable[[Config], Reader] = logged_reader
) -> ReadReport:
    job = Job(config, survey([archive]), KeptReader(kept, "digest", none_known), progress, build)
    return read_in_parallel(job, workers=2)


def in_one(config: Config, archive: Path, kept: Path) -> bytes:
    read_archives(config, survey([archive]), KeptReader(kept, "digest", none_known), in_this_process(MarkedReader))
    return kept.read_bytes()


def notes(folder: Path) -> dict[int, list[str]]:
    """What each process that built a reader did with it."""
    return {int(file.stem): file.read_text(encoding="utf8").splitlines() for file in folder.glob("*.read")}


def once(action: Callable[[], None]) -> Progress:
    """Progress that acts when the first chunk is in the file."""
    calls: list[int] = []

    def step(done: int, of: int) -> None:
        calls.append(done)
        if len(calls) == 1:
            action()

    return step


def test_two_processes_leave_the_bytes_of_one(prefect_api: None, desk: Path, tmp_path: Path) -> None:
    """A desk would get other positions from a faster machine; or load the model for each chunk."""
    config, archive = load_config(desk), long_archive(tmp_path / "a.jsonl", NUMBER)

    report = run(config, archive, tmp_path / "two", lambda *_: None)

    assert report == ReadReport(NUMBER, NUMBER, 0, report.readings)
    assert (tmp_path / "two").read_bytes() == in_one(config, archive, tmp_path / "one")
    assert len(notes(tmp_path)) == 2
    for lines in notes(tmp_path).values():
        assert lines.count("built") == 1
    with get_client(sync_client=True) as client:
        assert report.line() in {run.name for run in client.read_flow_runs()}


def test_killed_worker_costs_nothing(prefect_api: None, desk: Path, tmp_path: Path) -> None:
    """A worker that the kernel kills for its memory would end a night's run, or leave a hole in it."""
    config, archive = load_config(desk), long_archive(tmp_path / "a.jsonl", NUMBER)

    def kill_one() -> None:
        os.kill(min(notes(tmp_path)), signal.SIGKILL)

    run(config, archive, tmp_path / "two", once(kill_one))

    assert (tmp_path / "two").read_bytes() == in_one(config, archive, tmp_path / "one")
    assert len(notes(tmp_path)) == 3
    chunks = [line for lines in notes(tmp_path).values() for line in lines if line != "built"]
    assert NUMBER / CHUNK <= len(chunks) <= NUMBER / CHUNK + 3  # what is in the file is not read again


def test_run_that_ends_early_keeps_what_was_read(prefect_api: None, desk: Path, tmp_path: Path) -> None:
    """Ctrl-C, or a power cut, would cost all of the work."""
    config, archive = load_config(desk), long_archive(tmp_path / "a.jsonl", NUMBER)

    def stop() -> None:
        raise ModelError("stopped")

    with pytest.raises(ModelError, match="stopped"):
        run(config, archive, tmp_path / "two", once(stop))
    second = run(config, archive, tmp_path / "two", lambda *_: None)

    assert second.known >= CHUNK
    assert (tmp_path / "two").read_bytes() == in_one(config, archive, tmp_path / "one")


def test_chunk_that_kills_every_worker_is_told(prefect_api: None, desk: Path, tmp_path: Path) -> None:
    """On a machine with too little memory the run would go round for ever, or end with a riddle and nothing kept."""
    config, archive = load_config(desk), long_archive(tmp_path / "a.jsonl", 2 * CHUNK)
    with archive.open("a", encoding="utf8") as file:
        file.write(json.dumps(past_item(9999, "poison", SPRING)) + "\n")

    with pytest.raises(WorkerError, match="fewer --workers"):
        run(config, archive, tmp_path / "two", lambda *_: None, deadly_reader)

    assert in_one(config, archive, tmp_path / "one").startswith((tmp_path / "two").read_bytes())
    assert (tmp_path / "two").stat().st_size > 2 * CHUNK * 32


def call(desk: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`volteface backfill` as a person types it."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT_")}
    env = clean | {"PREFECT_HOME": str(desk.parent / "prefect"), "OMP_NUM_THREADS": "1"}
    command = [str(Path(sys.executable).with_name("volteface")), "--config", str(desk), "backfill", *words]
    return subprocess.run(command, env=env, cwd=desk.parent, text=True, capture_output=True, check=False)


def test_command_with_the_true_reader(desk: Path, tmp_path: Path) -> None:
    """What holds for a reader of tests might not hold for the model."""
    said = ("Iran's president said he is ready for talks with the United States.", "It rained in Lisbon.")
    items = [past_item(n, f"{said[n % 2]} Item {n}.", SPRING) for n in range(CHUNK + 20)]
    write_archive(tmp_path / "a.jsonl", items)

    one = call(desk, "a.jsonl", "--readings", "one")
    two = call(desk, "a.jsonl", "--readings", "two", "--only-read", "--workers", "2", "--port", str(free_port()))

    assert (one.returncode, two.returncode) == (0, 0), one.stderr + two.stderr
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (
        f"{len(items)} items: {len(items)} documents; {len(items) // 2} readings found now; kept in two" in two.stdout
    )
    assert "positions that start where the archive ends: 1" in one.stdout
    assert "Traceback" not in two.stderr


def test_extra_that_is_missing_is_named(desk: Path, tmp_path: Path) -> None:
    """Somebody who asks for workers would get the traceback of an import."""
    long_archive(tmp_path / "a.jsonl", 1)
    words = ["--config", str(desk), "backfill", str(tmp_path / "a.jsonl"), "--workers", "2"]
    code = f"import sys; sys.modules['prefect_dask'] = None; from deploy.cli import main; main({words!r})"

    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=False)

    assert done.returncode == 2
    assert "pip install volteface[scale]" in done.stderr
