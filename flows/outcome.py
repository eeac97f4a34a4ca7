"""How a run tells its outcome: as its name (until then it has its flow's), in its log, and as a readable artifact."""

from __future__ import annotations

import asyncio
from uuid import UUID

from prefect import get_client, get_run_logger
from prefect.artifacts import acreate_markdown_artifact
from prefect.runtime import flow_run

from volteface.markdown import cut, inert

LONGEST_NAME = 200
"""Characters of a run's name: in the UI's lists a longer one hides the others."""


async def atell(kind: str, line: str, page: str) -> None:
    """Name the present flow run `line`, log it, and leave `page` (Markdown) as the newest artifact of that kind.

    Raises what Prefect raises if its server is gone.
    """
    await acreate_markdown_artifact(key=kind, markdown=page, description=inert(line))
    async with get_client() as client:
        await client.update_flow_run(UUID(flow_run.get_id()), name=cut(line, LONGEST_NAME))
    get_run_logger().info(line)


def tell(kind: str, line: str, page: str) -> None:
    """The same, from a flow without an event loop."""
    asyncio.run(atell(kind, line, page))
