"""The whole system for half an hour at one-minute pace, while its parts are killed, and what must hold at the end."""

from __future__ import annotations

import sys
from pathlib import Path

# The loopback servers import one another by their bare names, as pytest lets them.
sys.path.insert(0, str(Path(__file__).parents[1]))
