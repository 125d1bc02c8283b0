"""What is in a MeSH descriptor file? National Library of Medicine's XML, English or translated.

A translated file names a descriptor ``Fall[Accidental Falls]`` and marks its terms by the language in their
identifiers (``nor0012345``); the English ones keep ``T012345``. The file is read as a stream: the yearly
release has 300 MB.

References: MeSH XML data elements, NLM; RFC 5646 for the language tags.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from vocab.concept import LabelKind
from vocab.foreign.harvest import Harvest, add_label, two_letters
from vocab.prologue import read_prologue
from vocab.records import ConceptRecord
from vocab.skos import MAPPING_PREFIXES
from vocab.triples import VocabularyError

_IN_BRACKETS = re.compile(r"^(?P<own>.+?)\s*\[(?P<english>.+)\]$")
_MARKED = re.compile(r"^([a-z]{3})\d")
_UI = re.compile(r"^[A-Z]\d+$")


def read_mesh(path: Path, harvest: Harvest) -> None:
    """Add the descriptors of a file to a harvest."""
    if read_prologue(path).entities:
        raise VocabularyError(path, None, "declares entities: remove them, they are not expanded")
    scheme = harvest.scheme("mesh", {"en": "Medical Subject Headings", "nb": "MeSH", "nn": "MeSH"}, path)
    places: dict[str, str] = {}
    own: dict[str, list[str]] = {}
    for element, code in _descriptors(path):
        ui = (element.findtext("DescriptorUI") or "").strip()
        if not _UI.match(ui):
            harvest.find(
                path,
                element.sourceline,
                ui or "?",
                "DescriptorUI",
                "missing or none; the descriptor is left out",
            )
            continue
        uri = MAPPING_PREFIXES["mesh"] + ui
        if uri in own:
            harvest.find(
                path, element.sourceline, ui, "DescriptorUI", "is there twice; only the first counts"
            )
            continue
        record = harvest.concept(uri, scheme, path)
        record.notations = [ui]
        _add_labels(record, element, code, harvest.language)
        own[uri] = [text.strip() for text in _texts(element, "TreeNumberList/TreeNumber")]
        places.update(dict.fromkeys(own[uri], uri))
    for uri, numbers in own.items():
        harvest.records.concepts[uri].broader |= {
            above for number in numbers if (above := _above(number, places)) not in {None, uri}
        }


def _descriptors(path: Path) -> Iterator[tuple[Any, str]]:
    """Yield descriptor elements with the language code of the file, and forget each when it has been read."""
    try:
        with path.open("rb") as file:
            events = etree.iterparse(
                file, events=("start", "end"), tag=("DescriptorRecordSet", "DescriptorRecord"),
                resolve_entities=False, no_network=True, load_dtd=False, recover=False,
            )  # fmt: skip
            code = "eng"
            for event, element in events:
                if element.tag == "DescriptorRecordSet":
                    code = element.get("LanguageCode", code)
                elif event == "end":
                    yield element, code
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
    except OSError as error:
        raise VocabularyError(path, None, error.strerror or str(error)) from error
    except etree.XMLSyntaxError as error:
        raise VocabularyError(path, error.lineno, error.msg) from error


def _add_labels(record: ConceptRecord, element: Any, code: str, given: str | None) -> None:  # noqa: ANN401
    lang = given or two_letters(code)
    name = " ".join((element.findtext("DescriptorName/String") or "").split())
    if code != "eng" and (both := _IN_BRACKETS.match(name)):
        add_label(record, "pref", lang, both["own"])
        add_label(record, "pref", "en", both["english"])
    else:
        add_label(record, "pref", lang, name)
    for concept in element.iterfind("ConceptList/Concept"):
        for term in concept.iterfind("TermList/Term"):
            kind: LabelKind = "hidden" if term.get("IsPermutedTermYN") == "Y" else "alt"
            identifier = (term.findtext("TermUI") or "").strip()
            add_label(record, kind, _term_language(identifier, code, lang), term.findtext("String"))
        if concept.get("PreferredConceptYN") == "Y":
            for tag, note_lang in (
                ("ScopeNote", lang if code == "eng" else "en"),
                ("TranslatorsScopeNote", lang),
            ):
                record.definitions += [(note_lang, " ".join(text.split())) for text in _texts(concept, tag)]


def _term_language(identifier: str, code: str, lang: str) -> str:
    marked = _MARKED.match(identifier)
    if marked and marked[1] != code:
        return two_letters(marked[1])
    return "en" if code != "eng" and identifier.startswith("T") else lang


def _texts(element: Any, path: str) -> list[str]:  # noqa: ANN401
    return [found.text for found in element.iterfind(path) if found.text and found.text.strip()]


def _above(number: str, places: dict[str, str]) -> str | None:
    """Return the nearest descriptor above a tree number; a selection of MeSH may lack some between."""
    while "." in number:
        number = number.rpartition(".")[0]
        if number in places:
            return places[number]
    return None
