"""The sink of last resort: the message that Slack would get, on a terminal. Meaning never rests on colour."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from volteface.mrkdwn import Span, spans, unescape
from volteface.slack_blocks import Block
from volteface.slack_render import Message
from volteface.slack_thread import Update

WIDEST = 100
"""Columns. Longer lines are hard to read, however wide the terminal."""


class ConsoleSink:
    """Prints messages. Cannot look back, so after a crash a message may be printed again."""

    name = "console"

    def __init__(self, console: Console, notice: str) -> None:
        """`notice` tells why the console is the sink; printed once, above the first message."""
        self._console = console
        self._notice = notice
        self._noticed = False

    def verify(self) -> str:
        """The notice; it counts as told."""
        self._noticed = True
        return self._notice

    def send(self, message: Message, *, check_history: bool) -> str:  # noqa: ARG002 - nothing to look back on
        """Print the message; returns `console`."""
        self._notice_once()
        self._console.print(as_panel(message), width=min(self._console.width, WIDEST))
        return self.name

    def update(self, update: Update, *, check_history: bool) -> str:  # noqa: ARG002 - nothing to look back on
        """Print the change, with the alert that it is about; returns `console`."""
        self._notice_once()
        about, *told = (_text(line) for line in update.alone.text.splitlines())
        self._console.print(Text.assemble("Update on ", about), width=min(self._console.width, WIDEST))
        for line in told:
            self._console.print(Padding(line, (0, 0, 0, 2)), width=min(self._console.width, WIDEST))
        return self.name

    def _notice_once(self) -> None:
        if not self._noticed:
            self._console.print(Text(self.verify()), soft_wrap=True)


def as_panel(message: Message) -> Panel:
    """The blocks in a frame, in their order: headline, fields in two columns, quotes indented."""
    head, *body = message.blocks
    headline = Text(unescape(head["text"]["text"]), style="bold")
    parts = (part for block in body for part in _block(block))
    return Panel(Group(headline, "", *parts), padding=(1, 2, 0, 2))


def _block(block: Block) -> Iterator[RenderableType]:
    if "fields" in block:
        yield _fields([_text(field["text"]) for field in block["fields"]])
    elif block["type"] == "context":
        yield Padding(Text(" · ").join(_text(element["text"]) for element in block["elements"]), (0, 0, 1, 2))
    elif block["text"]["text"].startswith("> "):
        yield Padding(_text(block["text"]["text"].removeprefix("> ")), (0, 0, 0, 2))
    else:
        yield _text(block["text"]["text"])


def _fields(fields: list[Text]) -> Table:
    grid = Table.grid(expand=True, padding=(0, 2, 0, 0))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    for left in range(0, len(fields), 2):
        grid.add_row(*fields[left : left + 2])
        grid.add_row()
    return grid


def _text(mrkdwn: str) -> Text:
    return Text.assemble(*(_styled(span) for span in spans(mrkdwn)))


def _styled(span: Span) -> tuple[str, str]:
    if span.url:
        return f"{span.text} <{span.url}>", ""
    return span.text, "bold" if span.bold else "italic" if span.italic else ""
