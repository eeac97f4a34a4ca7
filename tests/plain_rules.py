"""The shipped config under the detection rules of the code: those in config.yaml are tuned, and may be any day."""

from __future__ import annotations

from pathlib import Path

from volteface.config import Config
from volteface.config_detect import DetectRules
from volteface.config_file import load_config


def plainly_ruled() -> Config:
    """Offices, axes, positions and feeds as shipped; a test of what detection does must not hang on a tuning."""
    shipped = load_config(Path(__file__).parents[1] / "config.yaml")
    return shipped.model_copy(update={"detect": DetectRules()})
