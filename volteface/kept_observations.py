"""What detection saw of an archive, kept in a file: tuning needs nothing else, and then starts within a second.

JSON lines: a header with the digest of what observations depend on, then one line an observation. They hold quotes, so
the file is for one's own use. Observations of another digest are not used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

from volteface.errors import VoltefaceError
from volteface.types import Mode, Observation

_FORMAT = "volteface observations 1"
_NAMES = tuple(field.name for field in fields(Observation))


def save_observations(path: Path, digest: str, observations: Sequence[Observation]) -> None:
    """Write them, in their order; read again by `load_observations`."""
    values = attrgetter(*_NAMES)
    with path.open("w", encoding="utf8") as file:
        file.write(json.dumps({"format": _FORMAT, "digest": digest, "fields": _NAMES}) + "\n")
        file.writelines(json.dumps(values(o), default=_plain) + "\n" for o in observations)


def load_observations(path: Path, digest: str) -> tuple[Observation, ...] | None:
    """What was kept, or None where there is nothing of this digest.

    Raises VoltefaceError where the file holds something else, so that a slip of the pen overwrites nobody's file.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    with path.open(encoding="utf8", errors="replace") as lines:
        header = _header(path, next(lines))
        if header.get("digest") != digest or tuple(header["fields"]) != _NAMES:
            return None
        try:
            return tuple(_observation(json.loads(line)) for line in lines)
        except (ValueError, TypeError, KeyError) as error:
            raise VoltefaceError(f"{path}: a line is no observation ({error}); delete the file") from error


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else float(value)


def _header(path: Path, line: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(line)
        if header["format"] == _FORMAT:
            return header
    except (ValueError, KeyError, TypeError):
        pass
    raise VoltefaceError(f"{path} exists and is no file of observations: name another file, or delete it")


def _observation(values: Sequence[Any]) -> Observation:
    row = dict(zip(_NAMES, values, strict=True))
    times = {name: datetime.fromisoformat(row[name]) for name in ("published", "seen")}
    return Observation(**(row | times | {"mode": Mode(row["mode"])}))
