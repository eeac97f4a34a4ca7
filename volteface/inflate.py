"""Content-Encoding with a ceiling: never more than the cap in memory, whatever a body claims to inflate to."""

from __future__ import annotations

import zlib

_STEP = 65_536


class BodyError(Exception):
    """The body is over its cap, or is not what its Content-Encoding says. Becomes a FetchError in fetch.py."""


class Inflater:
    """Takes a body's chunks as they come over the wire, for at most `cap` bytes on the wire and as many inflated."""

    def __init__(self, encoding: str, cap: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BodyError(f"a content encoding that we did not ask for ({encoding[:40]})")
        self._cap = cap
        self._wire = 0
        self._body = bytearray()
        self._stream: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes from the wire. Raises BodyError."""
        self._wire += len(chunk)
        if self._wire > self._cap:
            raise BodyError(f"more than {self._cap:,} bytes")
        if self._encoding in ("", "identity"):
            self._body += chunk
            return
        try:
            self._inflate(chunk)
        except zlib.error as error:
            raise BodyError(f"a body that is not {self._encoding} although it says so") from error

    def finish(self) -> bytes:
        """The whole body. Raises BodyError where a compressed body broke off."""
        if self._stream is not None and not self._stream.eof:
            raise BodyError("a compressed body that breaks off")
        return bytes(self._body)

    def _inflate(self, data: bytes) -> None:
        while data:
            if self._stream is None:
                self._stream = zlib.decompressobj(_window(self._encoding, data))
            elif self._stream.eof:  # gzip allows several members one after the other; padding after them is common
                if not data.startswith(b"\x1f\x8b"):
                    return
                self._stream = zlib.decompressobj(31)
            self._body += self._stream.decompress(data, _STEP)
            if len(self._body) > self._cap:
                raise BodyError(f"more than {self._cap:,} bytes inflated")
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail


def _window(encoding: str, data: bytes) -> int:
    """zlib's wbits: gzip, zlib, or the bare deflate that some servers send under that name."""
    if encoding != "deflate" or data.startswith(b"\x1f\x8b"):
        return 31
    zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2].ljust(2, b"\0"), "big") % 31 == 0
    return 15 if zlib_header else -15
