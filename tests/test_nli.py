"""A hub's or one's own NLI model as the judge of direction: real tiny models, made here, without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reader_samples import ROOT, fiction, on, shipped, signs

import extractors
from extractors.cases import Case
from extractors.grammar import Sentence
from extractors.judges import load_judge
from extractors.nli import NliJudge, is_hub_name
from volteface.config import Config
from volteface.errors import ModelError
from volteface.types import Document, Mode

pytestmark = pytest.mark.slow

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] norland sudria ada nils holm rosa vega wants rejects talks says no the for : ."
ENTAILMENT_FIRST = {0: "entailment", 1: "neutral", 2: "contradiction"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT that says `entailment` (its first class) where the premise ends as the hypothesis does."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    where = tmp_path_factory.mktemp("nli")
    (where / "vocab.txt").write_text("\n".join(WORDS.split()))
    tokenizer = BertTokenizer(vocab=str(where / "vocab.txt"), do_lower_case=True)
    torch.manual_seed(0)
    settings = BertConfig(
        vocab_size=len(WORDS.split()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=0.2,
        id2label=ENTAILMENT_FIRST,
    )
    model = BertForSequenceClassification(settings)
    said = [
        f"{lead}norland {deed}" for lead in ("", "nils holm : ") for deed in ("rejects talks", "wants talks", "says no")
    ]
    asked = [
        f"{who} {what} ." for who in ("norland", "nils holm") for what in ("rejects talks", "wants talks", "keeps")
    ]
    pairs = [(premise, hypothesis) for premise in said for hypothesis in asked]
    truth = torch.tensor([0 if h.split()[-3:-1] == p.split()[-2:] else 2 for p, h in pairs])
    batch = tokenizer([p for p, _ in pairs], [h for _, h in pairs], padding=True, return_tensors="pt")
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(120):
        optimizer.zero_grad()
        model(**batch, labels=truth).loss.backward()
        optimizer.step()
    assert (model(**batch).logits.argmax(-1) == truth).all()
    model.save_pretrained(where)
    tokenizer.save_pretrained(where)
    return where


def changed(folder: Path, to: Path, **settings: Any) -> Path:
    """A copy of the model with other settings in its config.json; None takes a key out."""
    copy = Path(shutil.copytree(folder, to))
    config = {**json.loads((copy / "config.json").read_text()), **settings}
    (copy / "config.json").write_text(json.dumps({k: v for k, v in config.items() if v is not None}))
    return copy


def using(direction: Path | str, config: Config | None = None) -> Config:
    """A config that names a direction model."""
    config = config or fiction()
    return config.model_copy(update={"models": config.models.model_copy(update={"direction": str(direction)})})


def case(text: str, masked: str = "[unused1]: x") -> Case:
    return Case(0, (0, 1), Sentence(text, (), (), ()), "norland_gov", "norland", "", masked, ())


def labels(names: Mapping[int, str]) -> dict[str, Any]:
    return {"id2label": {str(i): n for i, n in names.items()}, "label2id": {n: i for i, n in names.items()}}


def test_a_folder_named_in_the_config_reads_for_the_desk(folder: Path) -> None:
    """Whoever has a better model could not use it."""
    instruments = extractors.build(using(folder))
    texts = ("Norland wants talks", "Norland rejects talks", "Norland says no")
    found = instruments.reader.read([Document(text, "To Sudria", published=on("2026-02-01")) for text in texts])

    assert instruments.reader.name.endswith(f"nli:{folder}")
    assert ("norland_gov", "truce_line", 1) in signs(found[0])
    assert ("norland_gov", "truce_line", -1) in signs(found[1])
    assert all(0.5 <= reading.confidence <= 1 for readings in found for reading in readings)


@pytest.mark.parametrize(
    ("names", "sign"),
    [
        (ENTAILMENT_FIRST, 1),
        ({0: "ENTAILMENT", 1: "NEUTRAL", 2: "CONTRADICTION"}, 1),
        ({0: "contradiction", 1: "neutral", 2: "entailment"}, -1),
    ],
)
def test_the_order_of_labels_is_the_models_own(folder: Path, tmp_path: Path, names: dict[int, str], sign: int) -> None:
    """Models order their labels as they like; the wrong column would turn every reading around."""
    judge = NliJudge(fiction(), changed(folder, tmp_path / "m", **labels(names)))
    verdicts = judge.judge([case("norland wants talks")])
    towards, away = verdicts.shares[0, 0, 3], verdicts.shares[0, 0, 1]

    assert (towards > away) == (sign > 0)
    assert np.allclose(verdicts.shares.sum(-1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({**labels({0: "relevance"}), "problem_type": None}, r"has 1 label"),
        (labels({i: f"emotion {i}" for i in range(5)}), r"has 5 label"),
        (labels({0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}), r"LABEL_0, LABEL_1, LABEL_2.*id2label"),
        (labels({0: "positive", 1: "neutral", 2: "negative"}), r"positive, neutral, negative.*id2label"),
        (labels({0: "entailment", 1: "entailment", 2: "contradiction"}), r"id2label"),
        ({"architectures": ["GPT2LMHeadModel"]}, r"GPT2LMHeadModel, not a classifier"),
        ({"architectures": ["BertModel"]}, r"BertModel, not a classifier"),
        ({"architectures": None}, r"unknown kind"),
        ({"model_type": "of-another-world"}, r"no readable config\.json"),
    ],
)
def test_a_model_of_another_kind_is_refused_at_start(
    folder: Path, tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    """A ranking, emotion or chat model would be loaded with a random head and read noise as positions."""
    config = using(changed(folder, tmp_path / "m", **settings))
    with pytest.raises(ModelError, match=words) as refused:
        extractors.check(config)
    assert "models.direction" in str(refused.value) or "id2label" in str(refused.value)


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (("config.json",), r"no readable config\.json"),
        (("tokenizer.json", "vocab.txt"), r"no tokenizer"),
        (("model.safetensors",), r"cannot be loaded"),
    ],
)
def test_an_incomplete_folder_is_refused(folder: Path, tmp_path: Path, missing: tuple[str, ...], words: str) -> None:
    """Half a download would fail in the middle of a run, with the words of a library."""
    copy = Path(shutil.copytree(folder, tmp_path / "m"))
    for name in missing:
        (copy / name).unlink()
    with pytest.raises(ModelError, match=words):
        NliJudge(fiction(), copy)


@pytest.mark.parametrize("where", ["/no/such/folder", "./nowhere", "packagd", "~/model"])
def test_a_place_that_is_not_there_is_named_and_nothing_is_looked_up(where: str) -> None:
    """A slip in config.yaml would become a request to a hub, and its answer a riddle."""
    assert not is_hub_name(where)
    with pytest.raises(ModelError, match=rf"{where}.*not known.*`packaged`"):
        extractors.check(using(where))


def test_a_hub_model_that_cannot_be_had_says_what_to_do() -> None:
    """Without a network the first start would hang or end in a traceback."""
    assert is_hub_name("nobody/no-such-nli-model")
    with pytest.raises(ModelError, match=r"hf download nobody/no-such-nli-model"):
        extractors.check(using("nobody/no-such-nli-model"))


def test_a_hub_model_fetched_before_needs_no_network(folder: Path, tmp_path: Path) -> None:
    """A restart without a network would not come up, though the model lies on the disk."""
    kept = tmp_path / "hub" / "models--desk--nli"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("abc")
    shutil.copytree(folder, kept / "snapshots" / "abc")
    code = "from extractors.nli import nli_folder; print(nli_folder('desk/nli'))"
    surroundings = {**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=surroundings, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(kept / "snapshots" / "abc")


def test_equal_pairs_cost_once_and_keep_their_place(folder: Path) -> None:
    """A batch would give one holder the verdict of another."""
    judge = NliJudge(fiction(), folder)
    texts = ["norland wants talks", "norland rejects talks", "norland wants talks"]
    together = judge.judge([case(text) for text in texts]).shares

    assert np.array_equal(together[0], together[2])
    assert np.allclose(together[1], judge.judge([case(texts[1])]).shares[0], atol=1e-5)
    assert judge.judge([]).shares.shape == (0, 2, 4)


def test_a_holder_who_is_only_named_is_not_judged(folder: Path) -> None:
    """A generic model cannot tell the victim of a deed from its doer; the ties of syntax do."""
    verdict = NliJudge(fiction(), folder).judge([case("norland wants talks", masked="[unused3] hits [unused1]")])
    assert verdict.shares[0, :, 0].tolist() == [1.0, 1.0]


def test_an_authors_own_words_are_speech(folder: Path) -> None:
    """A post on an official's own channel names nobody, and would crash the reader or be lost."""
    instruments = extractors.build(using(folder))
    post = Document("Norland wants talks", outlet="Nils Holm", published=on("2026-02-01"))
    (found,) = instruments.reader.read([post])
    assert ("norland_president", 1, Mode.SPEECH) in {(r.holder, round(r.stance), r.mode) for r in found}


def test_hostile_premises_do_not_stop_it(folder: Path) -> None:
    """A lone surrogate or a sentence of 800 odd characters would crash the tokenizer or the position table."""
    texts = ["\ud800 norland wants talks", "norland " * 3_000, "", "\x00\u202e\u200b"]
    shares = NliJudge(fiction(), folder).judge([case(text) for text in texts]).shares
    assert np.isfinite(shares).all()


def test_packaged_instruments_need_no_check() -> None:
    """`volteface config check` would take ten seconds to say that all is well."""
    start = time.monotonic()
    extractors.check(shipped())
    assert time.monotonic() - start < 0.5
    assert load_judge(using("rules"), None).name.startswith("exemplars")  # type: ignore[arg-type]
