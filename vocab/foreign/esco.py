"""What is in the files of an ESCO download? Occupations, skills and their groups as CSV, one language a file.

Relations to broader concepts are in files of their own (``broaderRelationsOccPillar_no.csv``), which are taken
from beside the others. The ISCO-08 group of an occupation becomes a broad match.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from vocab.foreign.harvest import Harvest, add_label, csv_rows
from vocab.triples import VocabularyError

RELATIONS = ("conceptUri", "broaderUri")
CONCEPTS = ("conceptUri", "preferredLabel")

_LANGUAGE = re.compile(r"_([a-z]{2,3})(?:-[A-Za-z]+)?\.csv$")
_URI = re.compile(r"^https?://[^\s<>\"]+$")
_SCHEMES = {
    "esco-occupations": {"en": "ESCO occupations", "nb": "ESCO yrker", "nn": "ESCO yrke"},
    "esco-skills": {"en": "ESCO skills", "nb": "ESCO ferdigheter", "nn": "ESCO ferdigheiter"},
}
_OF_SKILLS = re.compile(r"/esco/(skill|isced-f)|^(KnowledgeSkillCompetence|SkillGroup)$")
_ISCO = re.compile(r"/esco/isco/")
_OLD = frozenset({"obsolete", "deprecated"})


def read_esco(paths: Sequence[Path], harvest: Harvest) -> None:
    """Add the concepts of some files to a harvest, with the relations beside them."""
    relations = {path for path in paths if is_relations(path)}
    tables = [path for path in paths if path not in relations]
    for path in tables:
        _add_concepts(path, harvest)
    for folder in dict.fromkeys(path.parent for path in tables):
        relations |= set(folder.glob("broaderRelations*Pillar_*.csv"))
    for path in sorted(relations):
        _add_relations(path, harvest)


def is_relations(path: Path) -> bool:
    """Tell whether a file has relations instead of concepts."""
    return path.name.startswith("broaderRelations")


def _add_concepts(path: Path, harvest: Harvest) -> None:
    named = _LANGUAGE.search(path.name)
    lang = harvest.language or (named[1] if named else None)
    if lang is None:
        raise VocabularyError(
            path, None, "the file's name ends in no language (occupations_no.csv): say which one it is in"
        )
    seen: set[str] = set()
    for line, row in csv_rows(path, CONCEPTS):
        uri = row["conceptUri"].strip()
        if not _URI.match(uri):
            harvest.find(path, line, uri or "?", "conceptUri", "missing or no URI; the row is left out")
            continue
        if uri in seen:
            harvest.find(path, line, uri, "conceptUri", "is there twice; only the first row counts")
            continue
        seen.add(uri)
        if not row["preferredLabel"].strip():
            harvest.find(path, line, uri, "preferredLabel", "is empty; the row is left out")
            continue
        name = (
            "esco-skills"
            if _OF_SKILLS.search(row.get("conceptType", "")) or _OF_SKILLS.search(uri)
            else "esco-occupations"
        )
        record = harvest.concept(uri, harvest.scheme(name, _SCHEMES[name], path), path)
        add_label(record, "pref", lang, row["preferredLabel"])
        for label in row.get("altLabels", "").splitlines():
            add_label(record, "alt", lang, label)
        for label in row.get("hiddenLabels", "").splitlines():
            add_label(record, "hidden", lang, label)
        if text := row.get("definition", "").strip() or row.get("description", "").strip():
            record.definitions.append((lang, text))
        if text := row.get("scopeNote", "").strip():
            record.notes.append((lang, text))
        if (code := row.get("code", "").strip()) and code not in record.notations:
            record.notations.append(code)
        if group := row.get("iscoGroup", "").strip().removeprefix("C"):
            match = ("broad", f"{harvest.base_uri}mapping/isco08/{group}")
            if match not in record.matches:
                record.matches.append(match)  # type: ignore[arg-type]
        record.deprecated |= row.get("status", "").strip().lower() in _OLD


def _add_relations(path: Path, harvest: Harvest) -> None:
    concepts = harvest.records.concepts
    lost = 0
    for _, row in csv_rows(path, RELATIONS):
        below, above = row["conceptUri"].strip(), row["broaderUri"].strip()
        if below in concepts and above in concepts:
            concepts[below].broader.add(above)
        elif below in concepts and above and not _ISCO.search(above):
            lost += 1
    if lost:
        harvest.find(
            path, None, f"{lost} rows", "broaderUri", "lead to concepts that are in no file; left out"
        )
