"""Processes that are kept alive as systemd would: started again, after a pause, when they end."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.soak.processes import below, process, processes

STOP_S = 60.0


@dataclass
class Unit:
    """One service."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    folder: Path
    restart_s: float
    """As `RestartSec`."""
    starts: int = 0
    surprises: list[str] = field(default_factory=list)
    """Ends that nobody ordered."""
    cpu_s: float = 0.0
    """Of the lives that are over, as last seen."""
    _process: subprocess.Popen[bytes] | None = None
    _again_at: float = 0.0

    @property
    def pid(self) -> int | None:
        """Of the life that goes on."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Begin a life."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command, cwd=self.folder, env=dict(self.env), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.starts += 1

    def supervise(self) -> None:
        """Start it again where it has ended and its pause is over."""
        if self._process and self._process.poll() is not None:
            self.surprises.append(f"{self.name} ended by itself with {self._process.returncode}")
            self._rest()
        if self._process is None and time.monotonic() >= self._again_at:
            self.start()

    def stop(self) -> None:
        """SIGTERM, and wait."""
        spent_s = self._spent_s()
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.surprises.append(f"{self.name} did not stop within {STOP_S:g} s")
                return self.kill(everybody=True)
        return self._rest(spent_s)

    def kill(self, *, everybody: bool) -> None:
        """SIGKILL, for its children too if `everybody`."""
        spent_s = self._spent_s()
        if self._process:
            family = below(self._process.pid, processes()) if everybody else []
            self._process.kill()
            for child in family:
                _kill(child.pid)
            self._process.wait()
        self._rest(spent_s)

    def _spent_s(self) -> float:
        seen = process(self._process.pid) if self._process else None
        return seen.cpu_s if seen else 0.0

    def _rest(self, spent_s: float = 0.0) -> None:
        self._process, self._again_at = None, time.monotonic() + self.restart_s
        self.cpu_s += spent_s


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return
