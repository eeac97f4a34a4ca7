"""In which arithmetic the encoder runs."""

from __future__ import annotations

import pytest
import torch

from extractors.direction_net import fast_arithmetic, native_bf16


@pytest.mark.parametrize(
    ("known", "native"),
    [
        ({"avx512_f": True, "avx512_bf16": False, "amx_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"architecture": "aarch64", "bf16": True}, True),
        ({}, False),
    ],
)
def test_bfloat16_only_where_the_processor_has_it(
    known: dict[str, object], native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk on an older processor would read at a third of the speed, for emulated bfloat16."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: known)
    with fast_arithmetic():
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert native_bf16() is native
    assert product.dtype is (torch.bfloat16 if native else torch.float32)
