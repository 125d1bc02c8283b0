"""Why is a pair what it is said to be? Its class, what to do, and the evidence, in bokmål, nynorsk and English."""

from collections.abc import Mapping
from typing import Final

from engine.pair_classes import PairClass
from engine.pair_evidence import Evidence

Texts = Mapping[str, str]

CLASS_NAMES: Final[Mapping[PairClass, Texts]] = {
    "identical_copy": {"nb": "lik kopi", "nn": "lik kopi", "en": "identical copy"},
    "near_copy": {"nb": "nesten lik kopi", "nn": "nesten lik kopi", "en": "near copy"},
    "outdated_local_copy": {
        "nb": "utdatert lokal kopi",
        "nn": "utdatert lokal kopi",
        "en": "outdated local copy",
    },
    "local_supplement": {"nb": "lokalt tillegg", "nn": "lokalt tillegg", "en": "local supplement"},
    "translation": {"nb": "oversettelse", "nn": "omsetjing", "en": "translation"},
    "same_topic_other_role": {
        "nb": "samme tema for en annen rolle",
        "nn": "same tema for ei anna rolle",
        "en": "same topic for another role",
    },
    "unrelated": {"nb": "ikke samme verk", "nn": "ikkje same verk", "en": "not the same work"},
}

ACTION_NAMES: Final[Mapping[str, Texts]] = {
    "merge": {"nb": "slå sammen", "nn": "slå saman", "en": "merge"},
    "compare_and_merge": {
        "nb": "sammenlign, og slå sammen",
        "nn": "samanlikn, og slå saman",
        "en": "compare, then merge",
    },
    "update_or_withdraw_local": {
        "nb": "oppdater eller trekk tilbake den lokale",
        "nn": "oppdater eller trekk tilbake den lokale",
        "en": "update or withdraw the local one",
    },
    "link_translations": {
        "nb": "knytt sammen som oversettelser",
        "nn": "knyt saman som omsetjingar",
        "en": "link as translations",
    },
    "keep_supplement": {"nb": "behold som tillegg", "nn": "behald som tillegg", "en": "keep as supplement"},
    "keep_both": {"nb": "behold begge", "nn": "behald begge", "en": "keep both"},
}

_TEXTS: Final[Mapping[str, Texts]] = {
    "identical": {
        "nb": "Tittel, sammendrag og tekst er like.",
        "nn": "Tittel, samandrag og tekst er like.",
        "en": "Title, summary and text are the same.",
    },
    "shared": {
        "nb": "{0} % av ordene står i samme rekkefølge i begge.",
        "nn": "{0} % av orda står i same rekkjefølgje i begge.",
        "en": "{0}% of the words stand in the same order in both.",
    },
    "part": {
        "nb": "{0} % av {1} står ordrett i den andre.",
        "nn": "{0} % av {1} står ordrett i den andre.",
        "en": "{0}% of {1} stands word for word in the other.",
    },
    "numbers": {
        "nb": "Tall er ulike: {0} i a, {1} i b.",
        "nn": "Tal er ulike: {0} i a, {1} i b.",
        "en": "Numbers differ: {0} in a, {1} in b.",
    },
    "languages": {
        "nb": "Språkene er ulike: {0} og {1}.",
        "nn": "Språka er ulike: {0} og {1}.",
        "en": "The languages differ: {0} and {1}.",
    },
    "older": {
        "nb": "Den lokale er fra {0}, den felles fra {1}.",
        "nn": "Den lokale er frå {0}, den felles frå {1}.",
        "en": "The local one is of {0}, the common one of {1}.",
    },
    "meaning": {
        "nb": "Innholdet ligner (likhet {0}).",
        "nn": "Innhaldet liknar (likskap {0}).",
        "en": "The content is alike (similarity {0}).",
    },
    "topic": {
        "nb": "De handler om det samme (overlapp {0} %).",
        "nn": "Dei handlar om det same (overlapp {0} %).",
        "en": "They are about the same (overlap {0}%).",
    },
    "audience": {
        "nb": "De har ulike målgrupper.",
        "nn": "Dei har ulike målgrupper.",
        "en": "They have different audiences.",
    },
    "supplement": {
        "nb": "Den lokale sier selv at den er et tillegg.",
        "nn": "Den lokale seier sjølv at han er eit tillegg.",
        "en": "The local one says itself that it is a supplement.",
    },
    "names": {
        "nb": "Den lokale nevner tittelen på den felles.",
        "nn": "Den lokale nemner tittelen på den felles.",
        "en": "The local one names the title of the common one.",
    },
    "act": {
        "nb": "Begge endrer {0}; hver av dem gjelder for seg.",
        "nn": "Begge endrar {0}; kvar av dei gjeld for seg.",
        "en": "Both change {0}; each is in force by itself.",
    },
    "acts": {
        "nb": "De endrer ulike ting: {0} og {1}.",
        "nn": "Dei endrar ulike ting: {0} og {1}.",
        "en": "They change different acts: {0} and {1}.",
    },
    "title": {
        "nb": "Titlene har de samme ordene.",
        "nn": "Titlane har dei same orda.",
        "en": "The titles have the same words.",
    },
}

_SAME_TITLE: Final = 1.0
_SHOWN: Final = 0.1
_MEANT: Final = 0.3
_NUMBERS: Final = 6


def class_name(kind: PairClass, lang: str) -> str:
    """Return the name of a class.

    Examples
    --------
    >>> class_name("translation", "nn")
    'omsetjing'
    """
    return CLASS_NAMES[kind][lang]


def action_name(action: str, lang: str) -> str:
    """Return what is proposed, in words."""
    return ACTION_NAMES[action][lang]


def reasons(e: Evidence, kind: PairClass, lang: str) -> list[str]:
    """Return the evidence on a pair as sentences, the weightiest first."""
    if e.identical:
        return [_TEXTS["identical"][lang]]
    said: list[str] = []

    def say(name: str, *values: object) -> None:
        said.append(_TEXTS[name][lang].format(*values))

    if e.says_supplement:
        say("supplement")
    if e.names_title:
        say("names")
    if e.sameness >= _SHOWN:
        say("shared", round(100 * e.shared))
        part, which = max((e.part_a, "a"), (e.part_b, "b"))
        if kind == "near_copy" and part > e.sameness + _SHOWN:
            say("part", round(100 * part), which)
    if all(e.acts):
        say(*(("act", e.acts[0]) if e.acts[0] == e.acts[1] else ("acts", *e.acts)))
    if e.languages[0] != e.languages[1]:
        say("languages", *e.languages)
    if kind == "outdated_local_copy":
        local, common = e.dates if e.local == "a" else e.dates[::-1]
        say("older", local, common)
    if e.sameness >= _SHOWN and (e.numbers_a or e.numbers_b):
        say("numbers", _few(e.numbers_a), _few(e.numbers_b))
    if e.cosine is not None and e.cosine >= _MEANT:
        say("meaning", f"{e.cosine:.2f}")
    if e.concepts >= _SHOWN:
        say("topic", round(100 * e.concepts))
    if e.title >= _SAME_TITLE:
        say("title")
    if e.other_audience:
        say("audience")
    return said


def _few(numbers: tuple[str, ...]) -> str:
    if not numbers:
        return "–"
    return ", ".join(numbers[:_NUMBERS]) + (" …" if len(numbers) > _NUMBERS else "")
