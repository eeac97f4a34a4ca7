"""Secrets from the environment, or from files that it names (as Docker and systemd mount them)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from volteface.errors import ConfigError

TOKEN = "VOLTEFACE_SLACK_TOKEN"
APP_TOKEN = "VOLTEFACE_SLACK_APP_TOKEN"
LONGEST = 4096
"""Bytes of a secret file. More is not a token but the wrong file."""


class Secret:
    """A string that shows itself only when asked: printed, logged or formatted it is `***`, and it is not pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value. Pass it straight to who needs it; keep it in no attribute, message or record."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not written anywhere")


def secret(name: str, env: Mapping[str, str]) -> Secret | None:
    """The secret in variable `name`, or in the file that `name`_FILE names; None where neither is set.

    An empty variable counts as not set (Compose files pass those). Raises ConfigError, never with the value in it.
    """
    value, file = env.get(name, "").strip(), env.get(f"{name}_FILE", "").strip()
    if value and file:
        raise ConfigError(f"both {name} and {name}_FILE are set: unset one of them, lest the wrong one is used")
    if file:
        return Secret(_checked(_content(name, Path(file)), f"the file that {name}_FILE names"))
    return Secret(_checked(value, name)) if value else None


def app_token(env: Mapping[str, str] = os.environ) -> Secret | None:
    """The token with which buttons are answered; None where there are to be no buttons. Raises ConfigError."""
    token = secret(APP_TOKEN, env)
    if token and not token.reveal().startswith("xapp-"):
        raise ConfigError(f"{APP_TOKEN}: an app-level token begins with xapp- (docs/install/slack.md)")
    if token and not secret(TOKEN, env):
        raise ConfigError(f"{APP_TOKEN} is set and {TOKEN} is not: buttons stand below the messages of a bot alone")
    return token


def _content(name: str, path: Path) -> str:
    # Somebody who mixes the two variables up puts the token itself here, so only what looks like a path is repeated.
    shown = str(path) if os.sep in str(path) else "it (is it a path, or the secret itself?)"
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a path"
        raise ConfigError(f"{name}_FILE: cannot read {shown}: {reason}; the file must exist and be readable") from None
    if len(raw) > LONGEST:
        raise ConfigError(f"{name}_FILE: {shown} has over {LONGEST} bytes: it must hold the secret alone")
    text = raw.decode("utf-8", errors="replace").strip()
    if not text:
        raise ConfigError(f"{name}_FILE: {shown} is empty: write the secret into it, or unset {name}_FILE")
    return text


def _checked(value: str, where: str) -> str:
    # It goes into an HTTP header: http.client would quote a bad one, value and all, in its error.
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise ConfigError(f"{where} holds spaces, line breaks or non-ASCII characters: it must hold one token alone")
    return value
