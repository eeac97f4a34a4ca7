"""Why a text has no reading, in words that a user can act on."""

from __future__ import annotations

from py3langid.langid import MODEL_FILE, LanguageIdentifier

EMPTY = "no text"
NO_SIDE = "no side mentioned"
NO_POSITION = "no position stated"

READ_LANGUAGE = "en"
_SURE = 0.9
_LEAST_LETTERS = 25
"""Shorter texts are taken as English: language guesses on a few words are noise."""
_SAMPLE = 2_000


class Languages:
    """Tells which texts are not in the language that we read."""

    def __init__(self) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def foreign(self, text: str) -> str | None:
        """The language's code where a text is surely not English, else None."""
        sample = text[:_SAMPLE]
        if sum(character.isalpha() for character in sample) < _LEAST_LETTERS:
            return None
        language, probability = self._identifier.classify(sample)
        return str(language) if language != READ_LANGUAGE and probability >= _SURE else None


def not_read(language: str) -> str:
    """The reason for a text in another language."""
    return f"language {language} not read"
