"""Stand-ins for the clock and the resolver of `volteface.fetch.Web`."""

from __future__ import annotations

import socket
from typing import Any


class Clock:
    """A clock in seconds that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """The time."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """As `asyncio.sleep`, at once."""
        self.slept.append(seconds)
        self.now += seconds


def answers(*addresses: str) -> Any:
    """A resolver that gives these addresses for every name, and like `socket.getaddrinfo` an address for itself."""

    def resolve(host: str, port: int, *_: object) -> list[Any]:
        found = (host,) if host.replace(".", "").isdigit() or ":" in host else addresses
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]

    return resolve


resolve_to_loopback = answers("127.0.0.1")
