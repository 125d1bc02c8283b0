"""How is it said what would be lost? In sentences and a table, in bokmål, nynorsk and English."""

from collections.abc import Callable, Mapping
from typing import Final

from engine.impact import Effect
from engine.reports.status import label_of
from engine.reports.tables import Table
from engine.service import Engine

Texts = Mapping[str, str]

_SAID: Final[Mapping[str, Texts]] = {
    "lost": {
        "nb": "{0} krav mister den siste gyldige ressursen: {1}.",
        "nn": "{0} krav mistar den siste gyldige ressursen: {1}.",
        "en": "{0} requirements lose their last valid resource: {1}.",
    },
    "none": {
        "nb": "Ingen krav mister den siste gyldige ressursen.",
        "nn": "Ingen krav mistar den siste gyldige ressursen.",
        "en": "No requirement loses its last valid resource.",
    },
    "languages": {
        "nb": "{0} krav har ikke lenger noen ressurs på et språk: {1}.",
        "nn": "{0} krav har ikkje lenger nokon ressurs på eit språk: {1}.",
        "en": "{0} requirements have no resource in a language any more: {1}.",
    },
    "asked": {
        "nb": "Planer som berøres: {0}. Roller: {1}. Utgaver: {2}.",
        "nn": "Planar som blir råka: {0}. Roller: {1}. Utgåver: {2}.",
        "en": "Plans concerned: {0}. Roles: {1}. Editions: {2}.",
    },
    "after": {
        "nb": "Krav som henger på dette: {0}.",
        "nn": "Krav som heng på dette: {0}.",
        "en": "Requirements that hang on it: {0}.",
    },
    "old_ids": {
        "nb": "Gamle adresser som leder hit: {0}.",
        "nn": "Gamle adresser som leier hit: {0}.",
        "en": "Old addresses that lead here: {0}.",
    },
    "linked": {
        "nb": "Ressurser som viser hit: {0}.",
        "nn": "Ressursar som viser hit: {0}.",
        "en": "Resources that refer to it: {0}.",
    },
    "redirect": {
        "nb": "Nærmeste ressurs for samme verk: {0}.",
        "nn": "Nærmaste ressurs for same verk: {0}.",
        "en": "Nearest resource of the same work: {0}.",
    },
    "no_redirect": {
        "nb": "Ingen annen ressurs er samme verk.",
        "nn": "Ingen annan ressurs er same verk.",
        "en": "No other resource is the same work.",
    },
}
_HEADS: Final[Mapping[str, Texts]] = {
    "caption": {
        "nb": "Krav uten ressurs etterpå",
        "nn": "Krav utan ressurs etterpå",
        "en": "Requirements left without",
    },
    "requirement": {"nb": "krav", "nn": "krav", "en": "requirement"},
    "label": {"nb": "navn", "nn": "namn", "en": "name"},
    "edition": {"nb": "utgave", "nn": "utgåve", "en": "edition"},
    "language": {"nb": "språk", "nn": "språk", "en": "language"},
    "plans": {"nb": "planer", "nn": "planar", "en": "plans"},
    "roles": {"nb": "roller", "nn": "roller", "en": "roles"},
    "proposed": {"nb": "foreslåtte ressurser", "nn": "føreslegne ressursar", "en": "proposed resources"},
}
_ANY: Final[Texts] = {"nb": "alle", "nn": "alle", "en": "any"}
_FEW: Final = 5


def sentences(engine: Engine, effect: Effect, lang: str) -> list[str]:
    """Return what an action would do, the weightiest first."""
    said: list[str] = []

    def say(name: str, *values: object) -> None:
        said.append(_SAID[name][lang].format(*values))

    def named(names: tuple[str, ...], label: Callable[[str], str] = str) -> str:
        more = " …" if len(names) > _FEW else ""
        return ", ".join(map(label, names[:_FEW])) + more if names else "–"

    def requirement(name: str) -> str:
        return label_of(engine, name, lang)

    if effect.subject.startswith("resource:"):
        whole = tuple(sorted({g.requirement for g in effect.lost if g.language is None}))
        part = tuple(sorted({g.requirement for g in effect.lost} - set(whole)))
        if whole:
            say("lost", len(whole), named(whole, requirement))
        else:
            say("none")
        if part:
            say("languages", len(part), named(part, requirement))
    elif effect.requirements:
        say("after", named(effect.requirements, requirement))
    if effect.plans or effect.roles:
        say("asked", named(effect.plans), named(effect.roles), named(effect.editions))
    if effect.old_ids:
        say("old_ids", named(effect.old_ids))
    if effect.linked_from:
        say("linked", named(effect.linked_from))
    if effect.subject.startswith("resource:"):
        if effect.redirect:
            say("redirect", effect.redirect)
        else:
            say("no_redirect")
    return said


def lost_table(engine: Engine, effect: Effect, lang: str) -> Table:
    """Return what would be left without a resource as a table."""
    rows = [
        (
            gap.requirement,
            label_of(engine, gap.requirement, lang),
            gap.edition,
            gap.language or _ANY[lang],
            ", ".join(gap.plans),
            ", ".join(gap.roles),
            ", ".join(gap.proposed),
        )
        for gap in effect.lost
    ]
    caption, *header = (texts[lang] for texts in _HEADS.values())
    return Table(caption, tuple(header), tuple(rows))
