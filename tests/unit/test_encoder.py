"""Where the encoder comes from, and what a user is told where it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extractors.encoder import load_encoder
from volteface.errors import ModelError


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("package:no-such-model-package", "pip install no-such-model-package"),
        ("package:yaml", "no model in"),
        ("package:../../etc", "not installed"),
        ("/no/such/folder", "no such folder"),
        ("./nowhere", "no such folder"),
    ],
)
def test_a_wrong_place_is_told_with_its_remedy(where: str, words: str) -> None:
    """A stack trace from a model library tells nobody what to change in config.yaml."""
    with pytest.raises(ModelError, match=words):
        load_encoder(where)


def test_importing_the_package_costs_nothing() -> None:
    """`volteface --help` must not wait ten seconds for torch."""
    code = "import sys, extractors; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=root).returncode == 0
