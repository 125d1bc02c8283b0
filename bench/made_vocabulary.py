"""What does a vocabulary of tens of thousands of concepts look like? One made of words that ours uses.

Its labels are like ours: compounds, an adjective before a noun, two nouns with a preposition between; three
languages, a preferred label in each and three others, a tree of eight below each, some related concepts and
notations. All is drawn by a seed.
"""

import random
import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.sax.saxutils import escape

from vocab.analysis import is_function_word, surface_words
from vocab.vocabulary import Vocabulary

LABELS = 6
"""Labels of each concept."""

BASE = "https://vocabulary.test/"
BELOW = 8
SCHEMES = 5
LANGUAGES = ("nb", "nn", "en")
PREPOSITIONS = {
    "nb": ("ved", "hos", "av", "for"),
    "nn": ("ved", "hos", "av", "for"),
    "en": ("of", "in", "with"),
}
LONGEST_STEM = 9

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_PLAIN = re.compile(r"[a-zæøå]{4,}")


class Said(NamedTuple):
    """A triple: subject, predicate, and an IRI or a text in a language (none: a plain text)."""

    subject: str
    predicate: str
    iri: str | None
    text: str = ""
    lang: str | None = None


def said(concepts: int, model: Vocabulary, seed: int = 1) -> Iterator[Said]:
    """Yield the triples of a made vocabulary, ten a concept or so, those of a concept together."""
    draw = random.Random(seed)
    words: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
    for _, lang, _, label in model.labels():
        if lang in words:
            words[lang] += (
                w for w in surface_words(label) if _PLAIN.fullmatch(w) and not is_function_word(w)
            )
    words = {lang: sorted(set(found)) for lang, found in words.items()}
    for scheme in range(SCHEMES):
        uri = f"{BASE}s{scheme}"
        yield Said(uri, _TYPE, f"{_SKOS}ConceptScheme")
        yield Said(uri, f"{_SKOS}prefLabel", None, f"skjema {scheme}", "nb")
    taken: set[str] = set()
    for number in range(concepts):
        uri = _uri(number)
        yield Said(uri, _TYPE, f"{_SKOS}Concept")
        yield Said(uri, f"{_SKOS}inScheme", f"{BASE}s{number % SCHEMES}")
        for lang in LANGUAGES:
            yield Said(uri, f"{_SKOS}prefLabel", None, _label(draw, words[lang], lang, taken), lang)
        for lang in draw.choices(LANGUAGES, k=LABELS - len(LANGUAGES)):
            kind = "hiddenLabel" if draw.random() < 1 / LABELS else "altLabel"
            yield Said(uri, f"{_SKOS}{kind}", None, _label(draw, words[lang], lang, taken), lang)
        if number >= SCHEMES:
            yield Said(uri, f"{_SKOS}broader", _uri(number // BELOW // SCHEMES * SCHEMES + number % SCHEMES))
        if number % 2:
            yield Said(uri, f"{_SKOS}related", _uri(draw.randrange(number)))
        else:
            yield Said(uri, f"{_SKOS}notation", None, f"N{number:06d}")


def turtle(triples: Iterator[Said]) -> str:
    """Return triples as Turtle, a subject's together."""
    lines, subject = [f"@prefix skos: <{_SKOS}> .\n@prefix v: <{BASE}> ."], ""
    for one in triples:
        lines.append(f" ;\n  {_short(one.predicate)} {_object(one)}" if one.subject == subject else
                     f"{' .' if subject else ''}\n<{one.subject}> {_short(one.predicate)} {_object(one)}")  # fmt: skip
        subject = one.subject
    return "".join([*lines, " .\n"])


def n_triples(triples: Iterator[Said]) -> str:
    """Return triples as N-Triples."""
    return "".join(f"<{one.subject}> <{one.predicate}> {_object(one)} .\n" for one in triples)


def rdf_xml(triples: Iterator[Said]) -> str:
    """Return triples as RDF/XML, a subject's together."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<rdf:RDF xmlns:rdf="{_TYPE.removesuffix("type")}" xmlns:skos="{_SKOS}">\n',
    ]
    subject = ""
    for one in triples:
        if one.subject != subject:
            lines.append(
                f'{"</rdf:Description>" if subject else ""}\n<rdf:Description rdf:about="{one.subject}">\n'
            )
            subject = one.subject
        name = "rdf:type" if one.predicate == _TYPE else _short(one.predicate)
        if one.iri is not None:
            lines.append(f'  <{name} rdf:resource="{one.iri}"/>\n')
        else:
            lang = f' xml:lang="{one.lang}"' if one.lang else ""
            lines.append(f"  <{name}{lang}>{escape(one.text)}</{name}>\n")
    return "".join([*lines, "</rdf:Description>\n</rdf:RDF>\n"])


def _uri(number: int) -> str:
    return f"{BASE}s{number % SCHEMES}/c{number}"


def _label(draw: random.Random, words: list[str], lang: str, taken: set[str]) -> str:
    while True:
        head = draw.choice(words)
        match draw.randrange(4):
            case 0 if lang != "en":
                label = draw.choice(words)[:LONGEST_STEM] + head
            case 1:
                label = f"{draw.choice(words)} {head} {draw.choice(PREPOSITIONS[lang])} {draw.choice(words)}"
            case 2:
                label = f"{head} {draw.choice(PREPOSITIONS[lang])} {draw.choice(words)}"
            case _:
                label = f"{draw.choice(words)} {head}"
        if label not in taken:
            taken.add(label)
            return label


def _short(iri: str) -> str:
    return "a" if iri == _TYPE else f"skos:{iri.removeprefix(_SKOS)}"


def _object(one: Said) -> str:
    if one.iri is not None:
        return f"<{one.iri}>"
    return f'"{one.text}"@{one.lang}' if one.lang else f'"{one.text}"'
