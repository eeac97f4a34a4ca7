"""English inflection, just enough to find a verb or noun in all its forms."""

from __future__ import annotations

from extractors.vocabulary import words_of

_IRREGULAR = {
    "strike": "struck stricken", "shoot": "shot", "seek": "sought", "say": "said", "tell": "told", "hold": "held",
    "withdraw": "withdrew withdrawn", "give": "gave given", "break": "broke broken", "leave": "left", "sit": "sat",
    "meet": "met", "send": "sent", "begin": "began begun", "fight": "fought", "make": "made", "take": "took taken",
    "keep": "kept", "sink": "sank sunk", "bring": "brought", "blow": "blew blown", "swear": "swore sworn",
    "write": "wrote written", "see": "saw seen", "think": "thought", "get": "got", "go": "went gone",
    "come": "came", "freeze": "froze frozen", "unfreeze": "unfroze unfrozen", "fire": "fired", "stand": "stood",
    "build": "built", "lose": "lost", "wage": "waged", "win": "won", "drive": "drove driven", "fall": "fell fallen",
    "feel": "felt", "forbid": "forbade forbidden", "overthrow": "overthrew", "pay": "paid", "lay": "laid",
    "throw": "threw thrown", "rise": "rose risen", "draw": "drew drawn", "back": "backed", "run": "ran",
    "shrink": "shrank shrunk", "stick": "stuck", "cling": "clung", "choose": "chose chosen", "speak": "spoke spoken",
    "uphold": "upheld", "forgo": "forwent forgone", "undo": "undid undone", "cancel": "cancelled cancelling",
    "tear": "tore torn", "wind": "wound", "unwind": "unwound", "withstand": "withstood", "overcome": "overcame",
    "undertake": "undertook undertaken",
}  # fmt: skip
_DOUBLING = words_of("""
    stop bar hit plan drop cut set put shut scrap get sit cap let rebut admit commit submit defer permit regret dig
    slam dim begin forget ban wed trim skip step rip expel compel lag run
    slap shun snub quit prefer dispel annul shed""")
_UNCHANGED = words_of("hit cut set put shut let rid quit shed")


def forms(phrase: str) -> set[str]:
    """All forms of a phrase whose first word inflects: `rule out` gives `rules out`, `ruled out`, `ruling out`."""
    first, _, rest = phrase.partition(" ")
    tail = f" {rest}" if rest else ""
    return {f"{form}{tail}" for form in _word(first)}


def number_forms(phrase: str) -> set[str]:
    """Singular and plural of a phrase whose last word is a noun."""
    plural = phrase[:-1] + "ies" if phrase.endswith("y") and phrase[-2] not in "aeiou" else phrase + "s"
    return {phrase, plural}


def _word(word: str) -> set[str]:
    if not word.isalpha() or (len(word) < 3 and word not in _IRREGULAR):
        return {word}
    found = {word, third(word), ing(word), *_IRREGULAR.get(word, "").split()}
    return found if word in _UNCHANGED else found | {past(word)}


def third(word: str) -> str:
    """`says`."""
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "sh", "ch", "x", "z", "o")) else "s")


def past(word: str) -> str:
    """`ruled`, by rule alone: irregular forms are in the table."""
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ied"
    return word + (word[-1] if word in _DOUBLING else "") + "ed"


def principal_parts(verb: str) -> tuple[str, str]:
    """Past and past participle: `gave`, `given`; by rule where the table has none."""
    if verb in _UNCHANGED:
        return verb, verb
    parts = [form for form in _IRREGULAR.get(verb, past(verb)).split() if not form.endswith("ing")]
    return parts[0], parts[-1]


def ing(word: str) -> str:
    """`ruling`."""
    if word.endswith("e") and not word.endswith(("ee", "ye", "oe")):
        return word[:-1] + "ing"
    return word + (word[-1] if word in _DOUBLING else "") + "ing"
