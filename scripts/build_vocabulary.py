"""Make vocab/data/*.ttl, SOURCES.md and the compiled form from the CSV skeleton and what was written beside it.

python scripts/build_vocabulary.py FOLDER     # with skeleton.csv and schemes.csv
python scripts/build_vocabulary.py            # only compile the Turtle files again

Further labels and the definitions come from vocab/data/written/labels.tsv {concept, lang, kind, label} and
definitions.tsv {concept, nb, nn, en}.
"""

import csv
import hashlib
import sys
from collections import defaultdict
from datetime import date
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from vocab.analysed_labels import LABELS_FILE, labels_file
from vocab.concept import DEFAULT_BASE_URI, Concept, ConceptId, ConceptMapping, ConceptScheme
from vocab.rdf import serialise
from vocab.skos import concept_triples, scheme_triples
from vocab.stemming import PAIRS_FILE, pairs_file
from vocab.triples import Text
from vocab.vocabulary import COMPILED_FILE, DATA_FOLDER, compile_vocabulary, open_vocabulary

LANGUAGES = ("nb", "nn", "en")
WRITTEN = DATA_FOLDER / "written"
NOTATION_FROM = {"rolle": "hpr", "spesialitet": "lis"}
SKOS = "http://www.w3.org/2004/02/skos/core#"
PREFIXES = {
    "mesh": "http://id.nlm.nih.gov/mesh/",
    "los": "https://psi.norge.no/los/",
    "esco": "http://data.europa.eu/esco/occupation/",
    "kg": "https://w3id.org/kompetansegraf/ns#",
}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(name):
    with (WRITTEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def written_labels():
    """Return {kind: {concept: {lang: [labels]}}} of the written table."""
    found = {kind: defaultdict(lambda: defaultdict(list)) for kind in ("alt", "hidden")}
    for row in table("labels.tsv"):
        found[row["kind"]][row["concept"]][row["lang"]].append(row["label"])
    return found


def concepts_of(skeleton):
    written = written_labels()
    definitions = {
        row["concept"]: {lang: row[lang] for lang in LANGUAGES} for row in table("definitions.tsv")
    }
    known = {f"{row['scheme']}/{row['id']}" for row in skeleton}
    for name in (*written["alt"], *written["hidden"], *definitions):
        if name not in known:
            raise SystemExit(f"{WRITTEN}: there is no concept {name!r}")
    narrower, related = defaultdict(set), defaultdict(set)
    for row in skeleton:
        own = f"{row['scheme']}/{row['id']}"
        if row["parent"]:
            narrower[f"{row['scheme']}/{row['parent']}"].add(own)
        for other in filter(None, row["related"].split("|")):
            related[own].add(other)
            related[other].add(own)
    for row in skeleton:
        own = f"{row['scheme']}/{row['id']}"
        alt = defaultdict(list)
        for label in filter(None, row["altLabels"].split("|")):
            lang, _, text = label.partition(":")
            alt[lang].append(text)
        for lang, labels in written["alt"][own].items():
            alt[lang] += labels
        hidden = written["hidden"][own]
        mappings = []
        for mapping in filter(None, row["mappings"].split("|")):
            match, name, code = mapping.split(":", 2)
            mappings.append(ConceptMapping(match, {"hpr9060": "hpr"}.get(name, name), code))
        codes = [m.code for m in mappings if m.vocabulary == NOTATION_FROM.get(row["scheme"])]
        yield (
            row,
            Concept(
                id=ConceptId(own),
                pref_label={lang: row[f"prefLabel_{lang}"] for lang in LANGUAGES if row[f"prefLabel_{lang}"]},
                alt_label={lang: tuple(sorted(alt[lang])) for lang in LANGUAGES if alt[lang]},
                hidden_label={lang: tuple(sorted(hidden[lang])) for lang in LANGUAGES if hidden[lang]},
                definition=definitions.get(own, {}),
                broader=(ConceptId(f"{row['scheme']}/{row['parent']}"),) if row["parent"] else (),
                narrower=tuple(sorted(narrower[own])),
                related=tuple(sorted(related[own])),
                mappings=tuple(sorted(mappings)),
                notation=codes[0] if codes else None,
                note=row["note"] or None,
            ),
        )


def write_turtle(folder):
    def uri(concept_id):
        return DEFAULT_BASE_URI + concept_id

    made = list(concepts_of(rows(folder / "skeleton.csv")))
    for row in rows(folder / "schemes.csv"):
        name = row["scheme"]
        own = [(line, concept) for line, concept in made if concept.scheme == name]
        scheme = ConceptScheme(
            name,
            {lang: row[f"label_{lang}"] for lang in LANGUAGES},
            row["leksikalsk_indeksering"] == "ja",
            tuple(concept.id for _, concept in own if not concept.broader),
        )
        triples = list(scheme_triples(scheme, uri))
        for line, concept in own:
            triples += concept_triples(concept, uri)
            if line["uncertain"]:
                triples.append(
                    (uri(concept.id), f"{SKOS}editorialNote", Text("Ikke kontrollert mot kilden.", "nb"))
                )
        text = serialise(triples, "turtle", PREFIXES | {name: f"{DEFAULT_BASE_URI}{name}/"})
        (DATA_FOLDER / f"{name}.ttl").write_text(text, encoding="utf-8")
        print(f"{name}.ttl: {len(own)} concepts")


SOURCES = """# Where the vocabulary comes from

Written on {today}.

| File | Concepts | sha256 |
|---|---|---|
{lines}

**The concepts, labels and relations** (`*.ttl`) were gathered for this project and may be used freely. Labels are
in bokmål, nynorsk and English. Concepts with `skos:editorialNote` have a label or a code that has not been checked
against its source.

**`written/labels.tsv`, `written/definitions.tsv`** were written for this project, from general knowledge of the health
service's language and before any query or judgement was read; no text of others is in them, and they may be used freely.
The Turtle files hold them.

**Mappings** are codes only; no table of another publisher is copied. `mesh`: Medical Subject Headings, U.S. National
Library of Medicine. `los`: Los, Norwegian Digitalisation Agency. `esco`: ESCO occupations, European Commission. `hpr`:
codes of authorised health personnel, Volven 9060 (OID 2.16.578.1.12.4.1.1.9060), Norwegian Directorate of Health.
`icpc2`, `icd10`, `atc`, `styrk08` and `lis` (medical specialties): codes under our own path `mapping/`, because no
public URI scheme is known to us.

**`lexicon.bin`** holds hashes of word forms, and base forms, from the nb, nn and en dictionaries of simplemma {simplemma}
(MIT licence), made by `scripts/build_lexicon.py`: {lexicon}

**`vocabulary.json`** is the Turtle files compiled, **`labels.bin`** their labels analysed (to be made again when the analysis
changes), and **`written_forms.bin`** the stems of the words in `written_forms.txt`, all made by `scripts/build_vocabulary.py`; tests compare them.
"""


def write_sources():
    lines = []
    for path in sorted(DATA_FOLDER.glob("*.ttl")):
        content = path.read_bytes()
        count = content.count(b" a skos:Concept ;")
        lines.append(f"| `{path.name}` | {count} | `{hashlib.sha256(content).hexdigest()}` |")
    lexicon = hashlib.sha256((DATA_FOLDER / "lexicon.bin").read_bytes()).hexdigest()
    text = SOURCES.format(
        today=date.today().isoformat(),
        lines="\n".join(lines),
        simplemma=version("simplemma"),
        lexicon=f"sha256 `{lexicon}`.",
    )
    (DATA_FOLDER / "SOURCES.md").write_text(text, encoding="utf-8")


def main():
    if len(sys.argv) > 1:
        write_turtle(Path(sys.argv[1]))
    write_sources()
    COMPILED_FILE.write_bytes(compile_vocabulary(sorted(DATA_FOLDER.glob("*.ttl"))))
    PAIRS_FILE.write_bytes(pairs_file())
    LABELS_FILE.write_bytes(labels_file(open_vocabulary()))


if __name__ == "__main__":
    main()
