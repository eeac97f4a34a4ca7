"""The state of the whole system, as `volteface status` and the digest show it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shift_samples import config
from store_samples import evidence, standing

from deploy.screens import show_checks, show_positions
from volteface.feed_check import FeedCheck
from volteface.status import positions


@pytest.mark.parametrize("edited_away", [{"holder": "iran_mayor"}, {"axis": "fishing"}])
def test_positions_outlive_an_edit_of_the_config(edited_away: dict[str, str]) -> None:
    """Who drops an axis or an office from config.yaml could not look at the ledger any more."""
    kept, dropped = standing(), replace(standing(), **edited_away)

    assert positions(config(), {(s.holder, s.axis): s for s in (kept, dropped)}) == (kept,)


def test_foreign_words_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A bracket in somebody's quote would end `volteface status` and `positions` with a traceback."""
    odd = replace(standing(), evidence=(replace(evidence(), outlet="[/]", url="", quote="[red]no"),))

    show_positions(config(), [odd], evidence=True)
    show_checks([FeedCheck("wire", ok=False, reason="[/]")])

    shown = capsys.readouterr().out
    assert "[red]no" in shown
    assert shown.count("[/]") == 2
