"""The contract of `volteface read`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from reader_samples import WordEmbedder, reader_for, shipped

from deploy.cli import main
from extractors.batch import BATCH, read_lines
from volteface.types import Extractors

EXTRACTORS = Extractors(WordEmbedder(), reader_for(shipped()))


def test_one_output_a_line_in_order() -> None:
    """A script that joins by line or id must find every input again, over batches too."""
    texts = ["Iran rejects talks with the US", "The weather was mild"] * BATCH
    lines = [json.dumps({"id": f"n{i}", "text": text, "published": "2026-02-01"}) for i, text in enumerate(texts)]
    outputs = list(read_lines(EXTRACTORS, lines))
    assert [output["id"] for output in outputs] == [f"n{i}" for i in range(len(texts))]
    assert [bool(output["readings"]) for output in outputs] == [True, False] * BATCH


def test_a_reading_has_the_promised_fields() -> None:
    """Others script against these names."""
    text = "Talks in Oman went on. Iran rejects talks with the US. Nobody was hurt."
    (output,) = read_lines(EXTRACTORS, [json.dumps({"id": 7, "text": text})])
    (reading,) = output["readings"]
    assert set(reading) == {"holder", "axis", "stance", "mode", "quote", "confidence"}
    assert reading["quote"] in text
    assert reading["quote"] == "Iran rejects talks with the US."
    assert reading["mode"] == "speech"
    assert json.loads(json.dumps(output)) == output


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"id": "a"}', "no text"),
        ('{"id": "a", "text": 5}', "no text"),
        ('{"id": "a", "text": "Iran", "published": "yesterday"}', "ISO 8601"),
        ('{"id": "a", "text": "Iran", "published": 3}', "ISO 8601"),
        ('{"id": "a", "text": ""}', "no text"),
        ('{"id": "a", "text": "\\u0000 \\n"}', "no text"),
        ('{"id": "a", "text": "Rain fell on the hills."}', "no side mentioned"),
        ('{"id": "a", "text": "Iran is a country in Asia."}', "no position stated"),
        ('{"id": "a", "text": "Le ministre iranien rejette les pourparlers avec Washington."}', "language fr"),
        ('{"id": "a", "text": "وزیر خارجه ایران مذاکره با آمریکا را رد کرد و گفت"}', "language fa"),
    ],
)
def test_lines_without_readings_say_why(line: str, reason: str) -> None:
    """A bad line must neither stop the batch nor pass for a text without positions."""
    good = json.dumps({"id": "b", "text": "Iran rejects talks with the US"})
    first, second = read_lines(EXTRACTORS, [line, "", good])
    assert first["readings"] == []
    assert reason in first["reason"]
    assert second["readings"]
    assert "reason" not in second


def test_input_is_not_overwritten(tmp_path: Path) -> None:
    """A slip in the second argument would empty the file of texts."""
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"id": 1, "text": "Iran rejects talks"}\n')

    result = CliRunner().invoke(main, ["read", str(texts), str(tmp_path / "." / "texts.jsonl")])

    assert result.exit_code == 2
    assert "would be overwritten" in result.output
    assert texts.read_text().startswith('{"id": 1')
