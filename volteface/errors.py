"""Every error that volteface raises on purpose.

VoltefaceError
├── ConfigError            config.yaml or the environment is wrong; nothing was started (exit code 2)
├── FetchError             a feed or page could not be read; `.transient` says whether to try again soon
│   └── RefusedAddress     the address is private, special or not http(s); never retried
├── WorkerError            a parser process crashed or ran past its time
├── StoreError             the database is unreachable, locked for too long, or of another schema version
│   └── UnknownAlert       no alert has that key
├── ModelError             a model cannot be loaded or does not have the shape that the config promises
└── DeliveryError          a message was not accepted; `.permanent` says whether trying again can help
"""

from __future__ import annotations


class VoltefaceError(Exception):
    """Base of every error that volteface raises on purpose."""


class ConfigError(VoltefaceError):
    """The configuration is wrong. The message names the place, the fault and the remedy."""


class FetchError(VoltefaceError):
    """A URL could not be read. Message: `what happened: url`, raised from its cause."""

    def __init__(
        self, message: str, *, transient: bool, retry_after: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.transient = transient
        self.status = status
        """The HTTP status, if there was an answer."""
        self.retry_after = retry_after
        """Seconds the server asked us to wait, if it did."""


class RefusedAddress(FetchError):
    """The address is not a public http(s) one, so it was never contacted."""

    def __init__(self, message: str) -> None:
        super().__init__(message, transient=False)


class WorkerError(VoltefaceError):
    """A worker process crashed, ran out of memory or ran past its time on one input."""


class StoreError(VoltefaceError):
    """The database cannot be used as it is."""


class UnknownAlert(StoreError):
    """No alert has that key."""


class ModelError(VoltefaceError):
    """A model cannot be loaded, or is not of the kind that the config promises."""


class DeliveryError(VoltefaceError):
    """A message was not accepted by its sink."""

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        retry_after: float | None = None,
        maybe_sent: bool = False,
        sink_wide: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        """Seconds the sink asked us to wait, if it did."""
        self.maybe_sent = maybe_sent
        """The reply was lost: the message may stand in the channel. Look before sending again."""
        self.sink_wide = sink_wide
        """The sink refuses every message until somebody acts (token revoked, channel archived): keep them all."""
