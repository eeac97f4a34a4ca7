"""Any cross-encoder for natural language inference as the judge of direction, by hypotheses of the axes' poles.

The premise is the sentence. For each axis two hypotheses are made from the config: the pole's `hypothesis` with the
holder's name for [A] and the other side's for [B]. Entailed towards is `+`, entailed away is `-`, both is `0`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from extractors.candidates import Probabilities
from extractors.cases import Case, Verdicts, nothing
from extractors.masking import HOLDER
from volteface.config import Config, Pole
from volteface.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

MAX_TOKENS = 256
"""Of premise and hypothesis together; a sentence has 30, and 800 characters at most."""
LABEL_SETS = (
    {"entailment", "neutral", "contradiction"},
    {"entailment", "contradiction"},
    {"entailment", "not_entailment"},
)
_CLASSIFIER = "ForSequenceClassification"
_VOCABULARIES = ("tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json", "spm.model", "sentencepiece.bpe.model")
_FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What is fetched from a hub: no pickles, no second copy of the weights for another runtime."""
_REMEDY = "name another model in models.direction, or use `packaged` or `rules`"


class NliJudge:
    """A Judge over an NLI model. It judges holders that syntax ties to words or a deed, and the author's own words.

    A generic model was not taught to tell who holds a position from who is merely named; the ties do that.
    """

    def __init__(self, config: Config, folder: Path, *, name: str = "") -> None:
        """Load the model in `folder`. Never touches the network. Raises ModelError with the remedy."""
        self.name = f"nli:{name or folder}"
        self._config = config
        self._entailment = check_nli(folder, name or str(folder))
        self._model = _cross_encoder(folder, name or str(folder))

    def judge(self, cases: Sequence[Case]) -> Verdicts:
        """Verdicts without a scale or mode of their own; equal pairs of premise and hypothesis are judged once."""
        shares = nothing(len(cases), len(self._config.axes))
        rows = [row for row, case in enumerate(cases) if case.candidates or _is_authored(case)]
        pairs = [pair for row in rows for pair in self._pairs(cases[row])]
        if rows:
            entailed = self._entailed(pairs).reshape(len(rows), len(self._config.axes), 2)
            shares[rows] = _shares(entailed[..., 0], entailed[..., 1])
        return Verdicts(shares)

    def _pairs(self, case: Case) -> list[tuple[str, str]]:
        """Two a axis: away, towards."""
        office = self._config.office[case.office]
        holder = office.name if office.catch_all else case.person or office.name
        # A lone surrogate, as broken feeds have them, is no text for a tokenizer.
        text = case.sentence.text.encode("utf-8", "replace").decode("utf-8")
        premise = f"{holder}: {text}" if _is_authored(case) else text
        other = self._config.other_side(case.side).name
        poles = [pole for axis in self._config.axes for pole in (axis.away, axis.towards)]
        return [(premise, _hypothesis(pole, holder, other)) for pole in poles]

    def _entailed(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(n,): the probability that the premise entails the hypothesis."""
        unique = {pair: row for row, pair in enumerate(dict.fromkeys(pairs))}
        scores = self._model.predict(
            list(unique), batch_size=self._config.models.batch, apply_softmax=True, show_progress_bar=False
        )
        entailment = np.asarray(scores, dtype=np.float32)[:, self._entailment]
        return entailment[[unique[pair] for pair in pairs]]


def _is_authored(case: Case) -> bool:
    """Whether the holder stands before the text as its author, rather than in it (see `masking.mask`)."""
    return case.masked.startswith(f"{HOLDER}: ")


def _hypothesis(pole: Pole, holder: str, other: str) -> str:
    text = pole.hypothesis.replace("[A]", holder).replace("[B]", other)
    return text[:1].upper() + text[1:]


def _shares(away: NDArray[np.float32], towards: NDArray[np.float32]) -> Probabilities:
    """(..., 4) over none, -, 0, +: the poles as two independent questions."""
    return np.stack([(1 - away) * (1 - towards), away * (1 - towards), away * towards, (1 - away) * towards], axis=-1)


def is_hub_name(where: str) -> bool:
    """Whether `models.direction` names a model of a hub (`owner/name`) rather than a folder or an instrument."""
    return "/" in where and not where.startswith((".", "/", "~")) and not Path(where).is_dir()


def nli_folder(where: str) -> Path:
    """The folder of an NLI model: `where` itself, or the hub's copy on this machine, fetched once where there is none.

    Raises ModelError where the folder does not exist, where the hub cannot be reached or has no such model.
    """
    if is_hub_name(where):
        return _from_hub(where)
    if not Path(where).is_dir():
        kinds = "`packaged`, `rules`, a folder that exists, or a hub's OWNER/NAME"
        raise ModelError(f"models.direction {where!r} is not known; use {kinds}")
    return Path(where)


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        kept = Path(snapshot_download(name, local_files_only=True))
        if (kept / "config.json").is_file() and any(kept.glob("*.safetensors")):
            return kept
    except LocalEntryNotFoundError:
        pass  # Not fetched yet, which is how every model begins.
    except HFValidationError as error:
        raise ModelError(f"models.direction {name!r} is no hub name ({error}); {_REMEDY}") from error
    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except (OSError, ValueError) as error:
        said = str(error).partition("\n")[0]
        how = f"where there is a network run `hf download {name}`, or copy it to a folder and name the folder"
        raise ModelError(
            f"direction model {name!r} is not on this machine and was not fetched ({said}); {how}"
        ) from error


def check_nli(folder: Path, name: str) -> int:
    """The index of the model's label `entailment`, without loading the weights.

    Raises ModelError where the folder holds no NLI classifier, its labels do not say what they mean, or it has no
    tokenizer.
    """
    from transformers import AutoConfig

    try:
        settings = AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"direction model {name!r} has no readable config.json ({error}); {_REMEDY}") from error
    entailment = _entailment(name, settings)
    if not any((folder / file).is_file() for file in _VOCABULARIES):
        raise ModelError(f"direction model {name!r} has no tokenizer in {folder}; save it beside the model")
    return entailment


def _entailment(name: str, settings: Any) -> int:
    """The index of the label `entailment`. Raises ModelError where the model is no NLI classifier."""
    made_for: Sequence[str] = settings.architectures or ()
    if not any(architecture.endswith(_CLASSIFIER) for architecture in made_for):
        kind = ", ".join(made_for) or "model of unknown kind"
        raise ModelError(f"direction model {name!r} is a {kind}, not a classifier of sentence pairs; {_REMEDY}")
    id2label: Mapping[int, str] = settings.id2label
    labels = {int(i): str(label).lower().replace("-", "_").replace(" ", "_") for i, label in id2label.items()}
    if not 2 <= len(labels) <= 3:
        raise ModelError(
            f"direction model {name!r} has {len(labels)} label(s), and an NLI model has two or three "
            f"(entailment, neutral, contradiction); {_REMEDY}"
        )
    distinct = len(set(labels.values())) == len(labels) and sorted(labels) == list(range(len(labels)))
    if not distinct or set(labels.values()) not in LABEL_SETS:
        raise ModelError(
            f"direction model {name!r} calls its labels {', '.join(map(str, id2label.values()))}, not entailment, "
            "neutral and contradiction (or entailment and not_entailment); set id2label in its config.json"
        )
    return next(i for i, label in labels.items() if label == "entailment")


def _cross_encoder(folder: Path, name: str) -> CrossEncoder:
    from sentence_transformers import CrossEncoder

    try:
        model: CrossEncoder = CrossEncoder(str(folder), device="cpu", local_files_only=True, max_length=MAX_TOKENS)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        raise ModelError(f"direction model {name!r} cannot be loaded ({error}); {_REMEDY}") from error
    return model
