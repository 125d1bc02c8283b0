"""What is in a file of Los, the Norwegian public sector's themes and words? SKOS, or a table of it.

All of it becomes one scheme ``los``: the publisher's own schemes are called ``tema``, ``ord`` and ``hendelse``.
A note in Los says what a word covers, and becomes its definition.
"""

import re
from pathlib import Path

from vocab.foreign.harvest import Harvest, add_label, csv_rows
from vocab.records import SkosRecords

COLUMNS = ("uri", "parent", "nb", "nn", "en")

_URI = re.compile(r"^https?://psi\.norge\.no/los/[^\s<>\"]+$")
_LABELS = {"en": "Los", "nb": "Los", "nn": "Los"}
_LANGUAGES = ("nb", "nn", "en")


def is_los(records: SkosRecords) -> bool:
    """Tell whether most concepts of some records are of Los."""
    of_los = sum(bool(_URI.match(uri)) for uri in records.concepts)
    return of_los * 2 > len(records.concepts)


def add_los_records(records: SkosRecords, harvest: Harvest) -> None:
    """Add what SKOS files of Los say to a harvest."""
    for uri, record in records.concepts.items():
        record.schemes = {harvest.scheme("los", _LABELS, record.file)}
        record.top_of = set()
        if not record.definitions:
            record.definitions, record.notes = record.notes, []
        harvest.records.concepts[uri] = record


def read_los_table(path: Path, harvest: Harvest) -> None:
    """Add the rows of a table (``uri,parent,nb,nn,en,hiddenLabels``) to a harvest, one row a parent."""
    scheme = harvest.scheme("los", _LABELS, path)
    for line, row in csv_rows(path, COLUMNS):
        uri = row["uri"].strip()
        if not _URI.match(uri):
            harvest.find(path, line, uri or "?", "uri", "missing or none of Los; the row is left out")
            continue
        record = harvest.concept(uri, scheme, path)
        for lang in _LANGUAGES:
            add_label(record, "pref", lang, row[lang])
        for label in filter(None, row.get("hiddenLabels", "").split("|")):
            lang, colon, text = label.partition(":")
            if not colon or lang.strip() not in _LANGUAGES:
                harvest.find(
                    path, line, uri, "hiddenLabels", f"{label!r} does not begin with nb:, nn: or en:"
                )
                continue
            add_label(record, "hidden", lang.strip(), text)
        if parent := row["parent"].strip():
            record.broader.add(parent)
