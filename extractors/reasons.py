"""Why a text has no reading, in words that a user can act on."""

from __future__ import annotations

from py3langid.langid import MODEL_FILE, LanguageIdentifier

EMPTY = "no text"
NO_SIDE = "no side mentioned"
NO_POSITION = "no position stated"

READ_LANGUAGE = "en"
_NO_LANGUAGE = "zxx"
"""The identifier's word for addresses, code and the like."""
_SURE = 0.9
_LEAST_LETTERS = 25
"""Shorter Latin texts are taken as English: language guesses on a few words are noise."""
_SAMPLE = 2_000
_LAST_LATIN = "\u024f"


class Languages:
    """Tells which texts are not in the language that we read."""

    def __init__(self) -> None:
        self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def foreign(self, text: str) -> str | None:
        """The language's code where a text is surely not English, else None."""
        letters = [character for character in text[:_SAMPLE] if character.isalpha()]
        latin = sum(character <= _LAST_LATIN for character in letters)
        other_script = latin * 2 < len(letters)
        if not other_script and len(letters) < _LEAST_LETTERS:
            return None
        language, probability = self._identifier.classify(text[:_SAMPLE])
        known = language not in (READ_LANGUAGE, _NO_LANGUAGE)
        return str(language) if known and (other_script or probability >= _SURE) else None


def not_read(language: str) -> str:
    """The reason for a text in another language."""
    return f"language {language} not read"
