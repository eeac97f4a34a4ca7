"""The sections of config.yaml that keep the system itself in order."""

from __future__ import annotations

from pydantic import Field

from volteface.config_base import Share, Strict


class HealthRules(Strict):
    """From when on `volteface health` and the watchdog call the system unhealthy."""

    poll_max_min: float = Field(default=60, ge=1)
    """Minutes without one feed read, although some are due or fail."""
    coverage_min: Share = 0.5
    """Least share of the sources on each side that must be in sight."""
    undelivered_max_min: float = Field(default=30, ge=1)
    """Minutes that an alert may wait for its sink."""
    unread_max_min: float = Field(default=180, ge=1)
    """Minutes that an article may wait for its text or its reading."""
    settle_min: float = Field(default=15, ge=0)
    """Minutes for which a fault must be gone before its outage is called over: one that comes and goes is one."""


class RetentionRules(Strict):
    """How long what was done is kept. What alerts and standing positions rest on, and work not done, always stays."""

    articles_days: float = Field(default=180, ge=15)
    """Articles with their text and readings. Copies are looked for among the last 14 days."""
    vectors_days: float = Field(default=30, ge=15)
    """Embeddings and the signatures that tell copies."""
    identities_days: float = Field(default=90, ge=1)
    """That an article was known, once its feed has shown without it for so long what it holds."""
    notices_days: float = Field(default=365, ge=1)
    """Notices of outages that were delivered and are over."""
    prefect_days: float = Field(default=14, ge=1)
    """Prefect's record of our runs: runs, logs and pages."""
