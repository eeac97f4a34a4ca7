"""Verbs that their object parts from their particle: `calls the strikes off`, `pulls its bombers back`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractors.cues import Cue, Kind
from extractors.phrases import Found, Token
from extractors.vocabulary import BE, PARTICLES, SPLITTERS

_ROOM = 6
"""Tokens of an object that may stand between verb and particle."""


class ParticleVerbs:
    """Finds the verbs among turning phrases of verb and particle."""

    def __init__(self, phrases: Sequence[tuple[str, Cue]]) -> None:
        self._particles: dict[str, dict[str, Cue]] = {}
        for phrase, cue in phrases:
            verb, _, particle = phrase.partition(" ")
            if cue.kind is Kind.TURN and particle in PARTICLES and verb not in BE:
                self._particles.setdefault(verb, {})[particle] = cue

    def find(self, tokens: Sequence[Token], found: Sequence[Found[Cue]]) -> list[Found[Cue]]:
        """The cues, with parted verbs in the place of what verb and particle mean alone."""
        parted = {verb: (particle, cue) for verb, particle, cue in self._parted(tokens, found)}
        if not parted:
            return list(found)
        taken = set(parted) | {particle for particle, _ in parted.values()}
        rest = [cue for cue in found if not taken & set(range(cue.start, cue.end))]
        return [*rest, *(Found(verb, verb + 1, cue) for verb, (_, cue) in parted.items())]

    def _parted(self, tokens: Sequence[Token], found: Sequence[Found[Cue]]) -> Iterator[tuple[int, int, Cue]]:
        long = {cue.start for cue in found if cue.end - cue.start > 1}
        for verb, token in enumerate(tokens):
            particles = self._particles.get(token.lower)
            if not particles or verb in long:
                continue
            for at in range(verb + 1, min(verb + 2 + _ROOM, len(tokens))):
                word = tokens[at].lower
                if word in particles and not _is_direction(tokens, at):
                    yield verb, at, particles[word]
                if word in particles or word in SPLITTERS or not (word[0].isalnum() or word in ("'s", "-")):
                    break


def _is_direction(tokens: Sequence[Token], at: int) -> bool:
    """`Sends its envoys back to the talks` sends them somewhere."""
    return tokens[at].lower == "back" and at + 1 < len(tokens) and tokens[at + 1].lower in ("to", "into", "for")
