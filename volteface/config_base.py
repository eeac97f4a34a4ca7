"""What the sections of config.yaml are built from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _web_url(url: str) -> str:
    if not url.startswith(("http://", "https://")) or len(url.split("/")) < 3 or not url.split("/")[2]:
        raise ValueError("must be a full web address such as https://example.org/feed.xml")
    return url


WebUrl = Annotated[str, AfterValidator(_web_url)]


def _source_url(url: str) -> str:
    scheme, _, rest = url.partition(":")
    if scheme != "path":
        return _web_url(url)
    if not rest.strip("/ "):
        raise ValueError("must name a folder, such as path:incoming or path:/var/spool/news")
    return url


SourceUrl = Annotated[str, AfterValidator(_source_url)]


def _cron_line(line: str) -> str:
    try:
        CronSim(line, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f"must be a cron line such as */10 * * * *: {str(error).lower()}") from error
    if len(line.split()) != 5:
        raise ValueError("must be a cron line of five fields, such as */10 * * * *")
    return line


CronLine = Annotated[str, AfterValidator(_cron_line)]
