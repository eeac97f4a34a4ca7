"""The desk's verdicts as a measure of the reader."""

from __future__ import annotations

import json
import math
from pathlib import Path

from shift_samples import evidence, shift

from tests.quality.verdicts import judged, measure, told
from volteface.types import sign_of
from volteface.verdicts import Verdict, VerdictKind, label_rows


def exported(tmp_path: Path, **kinds: VerdictKind) -> Path:
    """As `volteface verdicts export` writes it: two readings of each alert."""
    rows = [
        row
        for key, kind in kinds.items()
        for row in label_rows(shift(key), Verdict(key, kind, "Ann", "", shift().at), {evidence().url: "A headline"})
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_reader_is_held_against_what_people_confirmed_and_denied(tmp_path: Path) -> None:
    """A desk could not tell whether a new reader repeats the mistakes that it has pointed out."""
    rows = judged(exported(tmp_path, a=VerdictKind.TRUE_SHIFT, b=VerdictKind.WRONG_SPEAKER, c=VerdictKind.OLD_NEWS))
    same, other = ("iran_president", "negotiation", -1), ("us_gov", "negotiation", -1)
    assert sign_of(shift().evidence[0].stance) == -1

    shares = measure(rows, {"a-0": [same], "a-1": [other, same], "b-0": [same], "b-1": [other], "c-0": [other]})

    assert (shares["confirmed_kept"].hits, shares["confirmed_kept"].of) == (2, 4)
    assert (shares["denied_dropped"].hits, shares["denied_dropped"].of) == (1, 2)
    assert shares["confirmed_kept"].low < 0.5 < shares["confirmed_kept"].high
    assert str(shares["denied_dropped"]) == "0.500 [0.50, 0.50], 1 of 2"
    assert told(rows) == "1 true shift, 1 wrong speaker, 1 old news"


def test_what_nobody_judged_is_no_figure(tmp_path: Path) -> None:
    """A share of nothing would pass for a perfect or a failing one."""
    shares = measure(judged(exported(tmp_path, a=VerdictKind.TRUE_SHIFT)), {})

    assert shares["confirmed_kept"].value == 0
    assert math.isnan(shares["denied_dropped"].value)
    assert str(shares["denied_dropped"]) == "none judged so"
