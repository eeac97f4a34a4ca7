"""The contract of `volteface read`: lines in, one output line each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from extractors.reader import Explained, StanceReader
from volteface.types import Document, Extractors, Reading

BATCH = 64

Output = dict[str, Any]


def read_lines(extractors: Extractors, lines: Iterable[str]) -> Iterator[Output]:
    """One output for each non-blank line, in order: `{"id", "readings": [...]}`, with "reason" where there are none.

    A line that is not an object with a text gives `"readings": []` and the fault as reason; it stops nothing.
    """
    batch: list[tuple[Any, Document | str]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        batch.append(_parse(line, number))
        if len(batch) == BATCH:
            yield from _outputs(extractors, batch)
            batch = []
    yield from _outputs(extractors, batch)


def _outputs(extractors: Extractors, batch: list[tuple[Any, Document | str]]) -> Iterator[Output]:
    explained = iter(_explain(extractors, [item for _, item in batch if isinstance(item, Document)]))
    for item_id, item in batch:
        yield _output(item_id, Explained((), item) if isinstance(item, str) else next(explained))


def _explain(extractors: Extractors, documents: list[Document]) -> list[Explained]:
    if isinstance(extractors.reader, StanceReader):
        return extractors.reader.explain(documents)
    return [Explained(readings, None) for readings in extractors.reader.read(documents)]


def _output(item_id: Any, explained: Explained) -> Output:
    output: Output = {"id": item_id, "readings": [_as_dict(reading) for reading in explained.readings]}
    return output if explained.readings or explained.reason is None else {**output, "reason": explained.reason}


def _as_dict(reading: Reading) -> dict[str, Any]:
    return {
        "holder": reading.holder,
        "axis": reading.axis,
        "stance": reading.stance,
        "mode": reading.mode.value,
        "quote": reading.quote,
        "confidence": reading.confidence,
    }


def _parse(line: str, number: int) -> tuple[Any, Document | str]:
    """The line's id (or `line N`), and its document or what is wrong with it."""
    fallback = f"line {number}"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return fallback, f"not JSON: {error}"[:200]
    if not isinstance(row, Mapping):
        return fallback, "not a JSON object"
    item_id = row.get("id", fallback)
    text = row.get("text")
    if not isinstance(text, str):
        return item_id, "no text: the key `text` must hold a string"
    published = _time(row.get("published"))
    if isinstance(published, str):
        return item_id, published
    return item_id, Document(text, _string(row.get("title")), _string(row.get("outlet")), published)


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _time(value: Any) -> datetime | str | None:
    """An aware time, None where there is none, or the fault in words."""
    if value is None or value == "":
        return None
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return f"`published` is not an ISO 8601 date: {str(value)[:40]!r}"
    return time if time.tzinfo else time.replace(tzinfo=UTC)
