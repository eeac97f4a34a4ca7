"""Evidence, shifts and changes of alerts to JSON and back, without loss.

Floats keep every digit, times keep their microsecond and come back as aware UTC. A field that a later version adds with
a default may be missing in what an earlier one wrote.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from volteface.alert_types import AlertChange
from volteface.errors import StoreError
from volteface.types import Evidence, Shift, Standing

T = TypeVar("T")

_EVIDENCE = TypeAdapter(tuple[Evidence, ...])
_SHIFT = TypeAdapter(Shift)
_CHANGE = TypeAdapter(AlertChange)
_STANDINGS = TypeAdapter(tuple[Standing, ...])


def evidence_to_json(evidence: tuple[Evidence, ...]) -> Any:
    """A list of objects that `json.dumps` takes."""
    return _EVIDENCE.dump_python(evidence, mode="json")


def evidence_from_json(value: Any) -> tuple[Evidence, ...]:
    """Raises StoreError where the value is not evidence."""
    return _load(_EVIDENCE, value)


def standings_to_json(standings: tuple[Standing, ...]) -> Any:
    """A list of objects that `json.dumps` takes, or None where there are none."""
    return _STANDINGS.dump_python(standings, mode="json") or None


def standings_from_json(value: Any) -> tuple[Standing, ...]:
    """Raises StoreError where the value is not standings."""
    return _load(_STANDINGS, value or ())


def shift_to_json(shift: Shift) -> Any:
    """An object that `json.dumps` takes."""
    return _SHIFT.dump_python(shift, mode="json")


def shift_from_json(value: Any) -> Shift:
    """Raises StoreError where the value is not a shift."""
    return _load(_SHIFT, value)


def change_to_json(change: AlertChange) -> Any:
    """An object that `json.dumps` takes."""
    return _CHANGE.dump_python(change, mode="json")


def change_from_json(value: Any) -> AlertChange:
    """Raises StoreError where the value is not a change of an alert."""
    return _load(_CHANGE, value)


def _load(adapter: TypeAdapter[T], value: Any) -> T:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise StoreError(f"the database holds a value that this version cannot read: {error}") from error
