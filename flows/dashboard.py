"""The dashboard, published: pages under keys that stay, so that the control room keeps their history."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from prefect.artifacts import acreate_markdown_artifact

from flows.progress import SERVER_FAULTS
from volteface.chart_post import picture_of
from volteface.config import Config
from volteface.dashboard import ALERTS, PICTURES, Board, boards, chart_board, state_line, unknown
from volteface.errors import StoreError
from volteface.health import judge, look, unreachable
from volteface.markdown import inert
from volteface.store import Store
from volteface.types import Shift

log = logging.getLogger(__name__)


def gathered(config: Config, now: datetime) -> tuple[str, tuple[Board, ...]]:
    """The state in one line, and the dashboard; both say so where the store cannot be asked."""
    try:
        with Store.open(config.database) as store:
            seen, alerts = look(config, store, now), store.alerts.records(ALERTS)
    except StoreError as error:
        return state_line(unreachable(error, now), ()), unknown(error, now)
    return state_line(judge(config, seen, now), seen.status.feeds), boards(config, seen, alerts, now)


def drawn(config: Config, store: Store, shifts: Sequence[Shift]) -> tuple[Board, ...]:
    """The page of the first of these shifts; none where there are none, or where the store cannot be asked."""
    try:
        found = [picture_of(config, store, shift) for shift in shifts[:PICTURES]]
    except StoreError as error:
        log.warning("no picture of the shifts: %s", error)
        return ()
    pictures = [picture for picture in found if picture]
    return (chart_board(pictures, len(shifts)),) if pictures else ()


def publish(pages: Iterable[Board]) -> None:
    """Leave each page as the newest of its key. Never fails a run: what it did is done, and the next one shows it."""
    try:
        asyncio.run(_publish(pages))
    except SERVER_FAULTS as error:
        log.warning("the dashboard is not up to date: %s", error)


async def _publish(pages: Iterable[Board]) -> None:
    for board in pages:
        await acreate_markdown_artifact(key=board.key, markdown=board.page, description=inert(board.line))
