"""Where the token comes from, and that it shows up nowhere."""

from __future__ import annotations

import logging
import pickle
import traceback
from pathlib import Path

import pytest
from local_slack import TOKEN, Fault, LocalSlack
from shift_samples import config, message, shift
from store_samples import NOON

from volteface.deliver import deliver
from volteface.errors import ConfigError, DeliveryError
from volteface.secrets import Secret, secret
from volteface.sinks import sink_for
from volteface.slack_send import SlackSink
from volteface.store import Store

NAME = "VOLTEFACE_SLACK_TOKEN"


def test_token_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """Neither a plain variable nor a mounted Docker secret would be found."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")

    found = [secret(NAME, env) for env in ({NAME: f" {TOKEN} "}, {f"{NAME}_FILE": str(file)})]

    assert [value.reveal() for value in found if value] == [TOKEN, TOKEN]


@pytest.mark.parametrize("env", [{}, {NAME: ""}, {NAME: " ", f"{NAME}_FILE": ""}])
def test_no_token_is_no_fault(env: dict[str, str]) -> None:
    """A first run without Slack, or a Compose file with an empty variable, would not start."""
    assert secret(NAME, env) is None


@pytest.mark.parametrize(
    ("env", "content", "told"),
    [
        ({NAME: TOKEN, f"{NAME}_FILE": "FILE"}, TOKEN, "both .* are set: unset one"),
        ({f"{NAME}_FILE": "FILE"}, None, r"cannot read .*token: No such file or directory"),
        ({f"{NAME}_FILE": "FOLDER"}, None, r"cannot read .*: Is a directory"),
        ({f"{NAME}_FILE": "FILE"}, " \n", "token is empty: write the secret into it"),
        ({f"{NAME}_FILE": "FILE"}, "x" * 5000, "over 4096 bytes"),
        ({f"{NAME}_FILE": "FILE"}, f"{TOKEN}\n{TOKEN}", "must hold one token alone"),
        ({f"{NAME}_FILE": TOKEN}, None, "is it a path, or the secret itself"),
        ({NAME: f"{TOKEN}\n{TOKEN}"}, None, "must hold one token alone"),
        ({NAME: f"{TOKEN}é"}, None, "non-ASCII"),
    ],
)
def test_unusable_secret_is_told_without_showing_it(
    tmp_path: Path, env: dict[str, str], content: str | None, told: str
) -> None:
    """A stranger would not know what to correct, or would find the token in the log."""
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    places = {"FILE": str(file), "FOLDER": str(tmp_path)}

    with pytest.raises(ConfigError, match=told) as caught:
        secret(NAME, {name: places.get(value, value) for name, value in env.items()})

    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_secret_is_masked_however_it_is_written() -> None:
    """A log line or a saved flow parameter would hold the token."""
    token = Secret(TOKEN)

    assert [str(token), repr(token), f"{token}", f"{[token]}"] == ["***", "Secret(***)", "***", "[Secret(***)]"]
    with pytest.raises(TypeError):
        pickle.dumps(token)


FAILURES = [*Fault, "invalid_auth", "channel_not_found", "ratelimited", "fatal_error", "msg_too_long", "never_heard_of"]


@pytest.mark.parametrize("fault", FAILURES)
def test_no_failure_shows_the_token(fault: Fault | str, caplog: pytest.LogCaptureFixture) -> None:
    """The token would end in a log, a traceback with local variables, or a bug report."""
    caplog.set_level(logging.DEBUG)
    with LocalSlack() as slack:
        slack.silence_s = 1.2
        slack.fail("chat.postMessage", fault)
        sink = SlackSink(Secret(TOKEN), slack.config, timeout_s=1)
        with pytest.raises(DeliveryError) as caught:
            sink.send(message(), check_history=False)

    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    seen = [str(error), repr(error), repr(vars(error)), repr(sink), caplog.text]
    assert TOKEN not in "".join(seen + [repr(record.__dict__) for record in caplog.records])


def test_no_database_row_holds_the_token(store: Store) -> None:
    """The error that an undelivered alert keeps would publish the token with every backup."""
    store.readings.save_detection([], [], [(shift("a"), ()), (shift("b"), ())], NOON)
    with LocalSlack() as slack:
        slack.fail("chat.postMessage", "msg_too_long", "invalid_auth")
        deliver(config(), store, SlackSink(Secret(TOKEN), slack.config), lambda: NOON, sender="test")

    rows = [*store.outbox.dead(), *store.outbox.pending()]
    assert [bool(row.error) for row in rows] == [True, True]
    assert TOKEN not in repr(rows)


def test_token_never_travels_unencrypted() -> None:
    """A mistyped http:// address would hand the token to everybody on the way."""
    slack = config().slack.model_copy(update={"api_url": "http://slack.example/api/"})

    with pytest.raises(ConfigError, match="use https") as caught:
        sink_for(config(slack=slack), {NAME: TOKEN})

    assert TOKEN not in str(caught.value)
