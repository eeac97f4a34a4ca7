"""The section `poll` of config.yaml."""

from __future__ import annotations

from pydantic import Field

from volteface.config_base import Strict


class PollRules(Strict):
    """How politely and how patiently we poll."""

    min_interval_s: float = Field(default=300, ge=60)
    max_interval_s: float = Field(default=86_400, le=7 * 86_400)
    default_interval_s: float = 900
    timeout_s: float = Field(default=30, gt=0)
    max_bytes: int = Field(default=15_000_000, ge=10_000)
    concurrency: int = Field(default=30, ge=1, le=200)
    host_gap_s: float = Field(default=2, ge=0)
    silent_after_h: float = Field(default=24, gt=0)
    """A feed without a new item for so long is called silent, unless it is slow by nature."""
    notice_after_h: float = Field(default=72, ge=1)
    """A feed that has failed for so long is reported, once."""
    user_agent: str = "volteface/0.1 (+https://example.org/volteface-contact)"
    allow_private_addresses: bool = False
    """Only for tests and demos on loopback."""
