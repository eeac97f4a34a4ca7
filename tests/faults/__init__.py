"""Runs in which the program is killed and the network breaks, and what must hold when all is quiet again."""

from __future__ import annotations

import sys
from pathlib import Path

# The loopback servers import one another by their bare names, as pytest lets them.
sys.path.insert(0, str(Path(__file__).parents[1]))
