"""How does a name stand in its sentence? After *for*, after *hos*, in *på legevakt*, with somebody who only speaks.

*Film for pårørende* and *ansvar for pårørende* have the same two words, *en fastlege snakker* and *du er fastlege*
the same profession. What stands just before a name, and what it does, tells readers from those spoken about.
"""

import re
from dataclasses import dataclass
from enum import Enum

LOOK_BACK = 400
"""How far back the beginning of a sentence is looked for [code points]."""

NEAR = 100
"""How far back what rules a name is looked for [code points]."""

PASSED_OVER = 3
"""How many words may stand between a preposition and the name (*for nyutdannede og erfarne sykepleiere*)."""


class Cue(Enum):
    """What the words around a name say of it."""

    ADDRESSED = "addressed"
    READER = "after for"
    OF_SOMETHING = "after for, ruled by a noun"
    PATIENT = "after with, of or by"
    PLACE = "after in or at"
    FOLLOWED = "the one who is followed"
    SPEAKER = "who speaks or shows"
    CONTACT = "whom to contact"
    PLAIN = "named"


_READER = frozenset(["for", "til", "åt", "hjå", "forbereder", "førebur"])
_PATIENT = frozenset(
    ["hos", "med", "av", "om", "mot", "among", "with", "of", "about", "by", "rundt", "mellom"]
)
_PLACE = frozenset(["i", "på", "ved", "in", "at", "on", "innen", "innan", "within"])
_AND = frozenset(["og", "eller", "samt", "and", "or", ",", "/", "&"])
_NO_PHRASE = re.compile(
    r"[^\w,/&]|å|at|to|som|hva|kva|når|der|den|det?|dei|du|deg|seg|er|var|blir|vert|kan|skal|må|vil|har|hvordan|korleis|"
    r"hvorfor|kvifor|hvis|dersom|that|which|who|what|how|when|where|is|are|was|must|should|can|will|has|have|you|your|"
    r"ikkj?e|not"
)
"""Words and signs that end a noun phrase when they are met on the way back."""
_RULING = re.compile(
    r"(?:ansvar\w*|behov\w*|fare\w*|risiko\w*|viktig\w*|betydning\w*|boliger?|bustad\w*|tilbod\w*|tilbud\w*|"
    r"omsorg|omsorga|rom|plass|tid|støtte|hjelp|support|room|team\w*|senter\w*|avdeling\w*|tjeneste\w*|tenest\w*|rett\w*|regler|reglar|redd|leder|leiar|utgifter|"
    r"behandling|responsibilit\w*|need\w*|risk\w*|care|services?|responsible|important|dangerous|farlig\w*)",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"(?:\b(?:du|deg|dere|de|dykk|you)\b(?: som| who)? (?:er|arbeider|jobber|jobbar|arbeidar|are|work)"
    r"(?: (?:som|as|ny|nye|a|an|en|ei|ein|nyvalgt|nyvald|fersk|new|newly|elected|ansatt|tilsett|den|eneste|einaste))*"
    r"|\b(?:du|you)\b (?:går|gjer|tar|tek) (?:\w+ ){0,2}som"
    r"|\b(?:målgrupp[ea]n?|målgruppa er|rettet mot|retta mot|beregnet på|berekna på|tiltenkt|passer for|passar for"
    r"|egner seg for|eignar seg for|laget for|laga for|skrevet for|skriven for|utviklet for|utvikla for"
    r"|aimed at|intended for|designed for|made for|written for|suitable for|target group|(?:intended )?audience))"
    r"\W*(?:er|is|are)?\W*(?:\w+ ){0,2}$",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(
    r"\b(?:følger|følgjer|følg|møter du|møt|follows?|following)(?: \w+){0,3}? (?:en|ei|ein|et|eit|to|tre|a|an|two|three)"
    r"(?: \w+)?$",
    re.IGNORECASE,
)
_ONE = re.compile(
    r"(?:^|\b)(?:en|ei|ein|to|tre|fire|a|an|two|three|four|er|med|with)(?: \w+){0,2}$", re.IGNORECASE
)
_SPEAKS = re.compile(
    r"\b(?:snakk\w*|fortel\w*|forklar\w*|diskuter\w*|deler?|drøft\w*|samtal\w*|viser|syner|svar\w*|intervju\w*|prat\w*"
    r"|talk\w*|discuss\w*|explain\w*|shares?|shows?|tells?|på besøk)\b",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"(?: (?:og|eller|and) \w+)?(?: \w+){0,2} (?:snakk\w*|fortel\w*|diskuter\w*|intervju\w*|prat(?:er|ar)"
    r"|talk|discuss|tell|share)\b",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"(?:^|[:–—-])\W*$")
_CONTACT = re.compile(
    r"^\W*(?:kontakt|ta(?:r du)? kontakt|contact|ved spørsmål|har du spørsmål|for spørsmål|spørsmål (?:rettes|kan|om)"
    r"|meld (?:deg|dykk|dere) på|påmelding|for questions|questions)\b|\bta(?:r du)? kontakt med\b"
    r"|\bved spørsmål\b|\bplease contact\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:[-/]\w+)*|[^\s\w]")
_BREAK = re.compile(r"[.!?](?=\s)|\n")
_DEFINITE = re.compile(r"(?:en|a|et|ene|ane|ne|na|ens|enes|anes)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a name stands: the cue, the word that gave it, and whether it begins its sentence or follows a colon."""

    cue: Cue
    word: str = ""
    alone: bool = False


def standing(text: str, start: int, end: int) -> Standing:
    """Tell how the name from `start` to `end` [code points] stands in its sentence.

    Examples
    --------
    >>> text = "Film for pårørende. Kontakt fagsykepleier ved spørsmål."
    >>> standing(text, 9, 18).cue, standing(text, 28, 41).cue
    (<Cue.READER: 'after for'>, <Cue.CONTACT: 'whom to contact'>)
    >>> standing("Ansvar for pasienten", 11, 20).cue
    <Cue.OF_SOMETHING: 'after for, ruled by a noun'>
    """
    begin, stop = _sentence(text, start, end)
    before, after = text[begin:start], text[end:stop]
    if _CONTACT.search(before + text[start:end] + after):
        return Standing(Cue.CONTACT)
    near = before[-NEAR:]
    addressed = _ADDRESSED.search(near)
    if addressed:
        return Standing(Cue.ADDRESSED, " ".join(addressed.group().split()[:3]))
    if _FOLLOWED.search(near.rstrip()):
        return Standing(Cue.FOLLOWED)
    found = _preposition(near)
    if found.cue is Cue.PLAIN and _TELLS.match(after):
        return Standing(Cue.SPEAKER)
    if (
        found.cue in {Cue.PLAIN, Cue.PATIENT}
        and _ONE.search(near.rstrip())
        and _SPEAKS.search(before + after)
    ):
        return Standing(Cue.SPEAKER)
    alone = _BEGINS.search(near) is not None
    return Standing(found.cue, found.word, alone)


def is_definite(surface: str, label: str) -> bool:
    """Tell whether a name has the definite form (*legen*, *sykepleierne*), so that one already known is meant.

    Examples
    --------
    >>> is_definite("legen", "lege"), is_definite("sykepleiere", "sykepleier"), is_definite("Legene", "lege")
    (True, False, True)
    """
    own, word = label.rsplit(maxsplit=1)[-1].lower(), surface.rsplit(maxsplit=1)[-1].lower()
    return word != own and bool(_DEFINITE.search(word)) and not _DEFINITE.search(own)


def _preposition(before: str) -> Standing:
    """Return what the preposition says that the name belongs to, if it belongs to one."""
    words = [m.group().lower() for m in _WORD.finditer(before)]
    passed = 0
    for at in range(len(words) - 1, -1, -1):
        word = words[at]
        if word in _READER:
            ruler = words[at - 1] if at else ""
            if _RULING.fullmatch(ruler):
                return Standing(Cue.OF_SOMETHING, f"{ruler} {word}")
            return Standing(Cue.READER, word)
        if word in _PATIENT:
            return Standing(Cue.PATIENT, word)
        if word in _PLACE:
            return Standing(Cue.PLACE, word)
        if word in _AND:
            continue
        passed += 1
        if _NO_PHRASE.fullmatch(word) or passed > PASSED_OVER:
            break
    return Standing(Cue.PLAIN)


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence of a name begins and ends, at most `LOOK_BACK` from it."""
    least, most = max(0, start - LOOK_BACK), min(len(text), end + LOOK_BACK)
    begin = max([least, *(m.end() for m in _BREAK.finditer(text, least, start))])
    stop = next((m.start() for m in _BREAK.finditer(text, end, most)), most)
    return begin, stop
