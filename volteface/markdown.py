"""Markdown for the control room: foreign text made harmless for it, links, tables and pictures. Pure.

Prefect's UI makes links of bare addresses, lets `javascript:` links through and fetches every picture that is named
(docs/decisions.md, "What the control room shows"), so nothing foreign gets there unescaped.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from textwrap import wrap
from typing import TYPE_CHECKING

from volteface.mrkdwn import clean, unescape, web_url

if TYPE_CHECKING:
    from volteface.chart import Picture

CELL = 300
"""Characters of foreign text in one place, before its marks are escaped."""
WIDTH = 56
"""Characters in a line of a cell that holds a sentence."""
ROWS = 500
"""Rows of one table."""

_MARKS = re.compile(
    r"[\\`*~\[\]<>|!&@]|(?<!\w)_|_(?!\w)|(?<=www)\.|:(?=//)|^[#+=-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]", re.IGNORECASE
)
"""What begins markup, an address included. An underscore within a word does not."""
_BRACKETS = str.maketrans({"(": "%28", ")": "%29", "[": "%5B", "]": "%5D"})


class Markup(str):
    """Text that is Markdown already: `table` leaves it as it is."""

    __slots__ = ()


def inert(value: object, limit: int = CELL) -> Markup:
    """Foreign text in one line of at most `limit` characters, with nothing in it that Markdown would act on."""
    return Markup(_MARKS.sub(r"\\\g<0>", cut(clean(str(value)), limit)))


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and an ellipsis: at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def wrapped(value: object, limit: int = CELL) -> Markup:
    """The same in lines of at most WIDTH characters: the UI breaks no line of a table, and cuts wide ones off."""
    return stacked(*(inert(line) for line in wrap(cut(clean(str(value)), limit), WIDTH)))


def stacked(*parts: str) -> Markup:
    """Markdown of several lines, for one cell; empty ones are left out."""
    return Markup("<br>".join(filter(None, parts)))


def link(url: str, label: object, limit: int = CELL) -> Markup:
    """The label, linked where the address is a plain http(s) one."""
    target = web_url(url)
    words = inert(label, limit) or inert("untitled")
    return Markup(f"[{words}]({unescape(target).translate(_BRACKETS)})") if target else words


def table(head: Sequence[str], rows: Iterable[Sequence[object]], most: int = ROWS) -> str:
    """A table of at most `most` rows, whatever the cells hold; a last line says that there are more."""
    taken = list(islice(rows, most + 1))
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(_cell(cell) for cell in row) + " |" for row in taken[:most]]
    if len(taken) > most:
        lines += ["", f"The first {most:,} are shown."]
    return "\n".join(lines)


def _cell(value: object) -> str:
    return value if isinstance(value, Markup) else wrapped(value)


def listed(items: Iterable[object]) -> str:
    """One line an item."""
    return "\n".join(f"- {item if isinstance(item, Markup) else inert(item)}" for item in items)


def picture(shown: Picture) -> str:
    """A picture within the page itself, so that nobody has to be asked for it."""
    return f"![{inert(shown.words)}](data:image/png;base64,{b64encode(shown.png).decode('ascii')})"


def moment(when: datetime | None, now: datetime | None = None) -> str:
    """`11 Mar 2025, 12:40`, in UTC; without the year where it is that of `now`; `never` where there is no time."""
    if when is None:
        return "never"
    utc = when.astimezone(UTC)
    year = "" if now and utc.year == now.astimezone(UTC).year else " %Y"
    return f"{utc:%-d %b{year}, %H:%M}"
