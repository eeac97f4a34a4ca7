"""docs/events.md as data, and whether an event is as the page says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs/events.md"
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "string or null": (str, type(None)),
}


@dataclass(frozen=True)
class Documented:
    """One section of the page."""

    resource: str
    """What the event is about; words in capitals stand for ids."""
    fields: dict[str, str]
    """Name to type."""
    example: dict[str, Any]

    def faults(self, payload: dict[str, Any]) -> list[str]:
        """How a payload differs from the table; empty where it does not."""
        wrong = [f"{name} is not documented" for name in payload.keys() - self.fields.keys()]
        wrong += [f"{name} is missing" for name in self.fields.keys() - payload.keys()]
        for name in self.fields.keys() & payload.keys():
            value, kind = payload[name], self.fields[name]
            if isinstance(value, bool) or not isinstance(value, _TYPES[kind]):
                wrong.append(f"{name} is {value!r}, not {kind}")
        return sorted(wrong)

    def is_about(self, resource: str) -> bool:
        """Whether an event about that resource is this one."""
        return bool(re.fullmatch(re.sub(r"\b[A-Z]+\b", r"[\\w-]+", self.resource.replace(".", r"\.")), resource))


def documented() -> dict[str, Documented]:
    """Event to its section."""
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {section.split("`")[1]: _section(section) for section in sections}


def _section(text: str) -> Documented:
    about = re.search(r"about (?:the same resource|`([^`]+)`)", text)
    assert about, text
    fields = dict(re.findall(r"^\| `(\w+)` \| ([a-z ]+?) \|", text, re.MULTILINE))
    return Documented(
        about[1] or "volteface.outage.TOPIC", fields, json.loads(text.split("```")[1].removeprefix("json"))
    )
