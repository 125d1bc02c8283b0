"""Under which names do other systems know our fields and values? Tables of synonyms.

English names are those of `engine.model.Resource` and schema.org; the rest is bokmål and nynorsk.
"""

import re
from collections.abc import Mapping

from vocab.analysis import fold

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "id": ("identifikator", "ressursid", "identifier"),
    "title": ("tittel", "navn", "namn", "name", "headline", "overskrift"),
    "summary": (
        "ingress",
        "sammendrag",
        "samandrag",
        "kortbeskrivelse",
        "beskrivelse",
        "description",
        "abstract",
    ),
    "body": ("tekst", "brødtekst", "innhold", "innhald", "text", "content", "articleBody", "fulltekst"),
    "url": ("lenke", "lenkje", "nettadresse", "adresse", "link", "uri"),
    "language": ("språk", "målform", "inLanguage", "lang"),
    "resource_type": ("ressurstype", "type", "learningResourceType", "format"),
    "edition": ("utgave", "utgåve", "helsefellesskap"),
    "provider": (
        "tilbyder",
        "tilbydar",
        "utgiver",
        "utgivar",
        "leverandør",
        "avsender",
        "publisher",
        "kilde",
    ),
    "audience": ("målgruppe", "målgrupper", "rolle", "roller", "yrkesgruppe", "yrkesgrupper"),
    "audience_group": ("målgruppe pasienter", "for pasienter og pårørende"),
    "arena": ("arenaer", "arbeidssted", "arbeidsstad", "tjenestested"),
    "patient_group": ("pasientgruppe", "pasientgrupper", "brukergruppe"),
    "level": ("nivå", "educationalLevel"),
    "duration": ("varighet", "varigheit", "timeRequired", "minutter", "tidsbruk"),
    "published": ("publisert", "datePublished", "publiseringsdato", "publiseringsdag"),
    "updated": ("oppdatert", "sist oppdatert", "endret", "endra", "dateModified"),
    "review_due": ("revisjonsdato", "revideres", "revisjon", "gyldig til", "revisjonsfrist"),
    "status": ("publiseringsstatus",),
    "licence": ("lisens", "license"),
    "themes": ("tema", "temaer", "emne", "emner", "about", "theme"),
    "teaches": ("krav", "kompetansekrav", "læringsmål"),
    "responsible": (
        "ansvarlig",
        "ansvarleg",
        "ansvarlig enhet",
        "ansvarleg eining",
        "fagansvarlig",
        "fagansvarleg",
        "innholdseier",
        "innhaldseigar",
        "maintainer",
    ),
    "sample": ("eksempel", "eksempelinnhold"),
}
"""Other names of the fields; case, accents, spaces and underscores do not matter."""

STATUSES: Mapping[str, str] = {
    "publisert": "published", "aktiv": "published", "kladd": "draft", "utkast": "draft",
    "arkivert": "archived", "arkiv": "archived", "utgått": "archived", "avpublisert": "archived",
}  # fmt: skip
"""Other words for a status."""

LANGUAGES: Mapping[str, str] = {
    "no": "no", "norsk": "no", "norwegian": "no", "nor": "no", "nb": "nb", "nob": "nb", "bokmål": "nb",
    "norsk bokmål": "nb", "nn": "nn", "nno": "nn", "nynorsk": "nn", "norsk nynorsk": "nn", "en": "en",
    "eng": "en", "engelsk": "en", "english": "en", "se": "se", "sme": "se", "nordsamisk": "se",
    "samisk": "se", "davvisámegiella": "se", "da": "da", "dan": "da", "dansk": "da", "sv": "sv",
    "swe": "sv", "svensk": "sv",
}  # fmt: skip
"""Languages as they are written; ``no`` is bokmål or nynorsk, as the text shows."""

ALIASES: Mapping[str, Mapping[str, str]] = {
    "ressurstype": {
        "lov": "lovtekst", "lover": "lovtekst", "regelverk": "lovtekst", "law": "lovtekst",
        "e-learning": "e-laeringskurs", "elearning": "e-laeringskurs", "e-learning course": "e-laeringskurs",
        "podcast episode": "podkast", "podcastepisode": "podkast", "videoobject": "film",
        "verktøy": "verktoy", "tool": "verktoy", "artikler": "fagartikkel", "course": "kurs",
    },
}  # fmt: skip
"""By scheme: words of other systems that are no labels of ours."""

_PLAIN = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


def field_of(name: str) -> str | None:
    """Return the field that a name means, or None.

    Examples
    --------
    >>> field_of("Sist oppdatert"), field_of("inLanguage"), field_of("farge")
    ('updated', 'language', None)
    """
    return _FIELDS.get(plain_name(name))


def plain_name(name: str) -> str:
    """Return a name with nothing left of case, accents, spaces and signs."""
    return re.sub(r"[^a-z0-9]+", "", fold(str(name)).translate(_PLAIN))


_FIELDS: dict[str, str] = {
    plain_name(other): name for name, others in SYNONYMS.items() for other in (name, *others)
}

CANONICAL = frozenset(plain_name(name) for name in SYNONYMS)
"""Our own names of the fields, plain."""
