"""How does a bundle for an inspection lie on a disk? JSON-LD, CSV, a page, and checksums that stay the same."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from engine.errors import BackendError, InvalidRequest
from engine.reports.status import in_language
from engine.reports.tables import Painted, Table, Value, csv_bytes, html_page
from graph.export import ESCO
from graph.provenance import DC, DCTERMS, NS, RDF, SCHEMA, SKOS, node_uri
from graph.status import Colour, Language, rule_words
from graph.validity import Validity

CHECKSUMS = "SHA256SUMS"
"""Name of the file with the checksum of every other one; its own SHA-256 is the bundle's checksum."""

CONTEXT = {
    "schema": SCHEMA,
    "skos": SKOS,
    "esco": ESCO,
    "dc": DC,
    "dcterms": DCTERMS,
    "rdf": RDF,
    "kg": NS,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_REVIEW: Mapping[str, tuple[Colour, Mapping[Language, str]]] = {
    "valid": ("green", {"nb": "Gyldig", "nn": "Gyldig", "en": "Valid"}),
    "expired": (
        "red",
        {"nb": "Revisjonsdatoen er passert", "nn": "Revisjonsdatoen er passert", "en": "Review date passed"},
    ),
    "no_date": ("yellow", {"nb": "Ingen revisjonsdato", "nn": "Ingen revisjonsdato", "en": "No review date"}),
}
_NECESSITY: Mapping[Language, Mapping[str, str]] = {
    "nb": {"obligatorisk": "obligatorisk", "betinget": "betinget", "anbefalt": "anbefalt"},
    "nn": {"obligatorisk": "obligatorisk", "betinget": "vilkårsbunde", "anbefalt": "tilrådd"},
    "en": {"obligatorisk": "mandatory", "betinget": "conditional", "anbefalt": "recommended"},
}
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "nb": {
        "title": "Krav og læringsressurser for {role} {date}",
        "lead": "Utgave: {edition}. {n} krav, {m} ressurser; {k} krav uten gyldig ressurs.",
        "later": "Merket «registrert senere» var ikke i katalogen den dagen; første kjente versjon vises.",
        "requirements": "Krav",
        "resources": "Ressurser",
        "plans": "Planer",
        "edges": "Koblinger og hvem som har laget dem",
        "heads_q": "Krav|Nødvendighet|Fornyes|Hjemmel|Planer|Ressurser|Versjon|Kontrollsum",
        "heads_r": "Ressurs|Type|Utgave|Revisjon|Frist|Versjon|Kontrollsum av teksten",
        "heads_p": "Plan|Versjon|Gjelder fra|Gjelder til|Eier|Registrert",
        "heads_e": "Fra|Til|Kobling|Laget av|Dato",
        "joined": "Krav som er slått sammen",
        "heads_j": "Krav|Gjelder nå som|Sagt av|Dato",
        "none": "ingen gyldig ressurs",
        "recorded_later": "registrert senere",
    },
    "nn": {
        "title": "Krav og læringsressursar for {role} {date}",
        "lead": "Utgåve: {edition}. {n} krav, {m} ressursar; {k} krav utan gyldig ressurs.",
        "later": "Merkt «registrert seinare» var ikkje i katalogen den dagen; første kjende versjon er vist.",
        "requirements": "Krav",
        "resources": "Ressursar",
        "plans": "Planar",
        "edges": "Koplingar og kven som har laga dei",
        "heads_q": "Krav|Kor nødvendig|Blir fornya|Heimel|Planar|Ressursar|Versjon|Kontrollsum",
        "heads_r": "Ressurs|Type|Utgåve|Revisjon|Frist|Versjon|Kontrollsum av teksten",
        "heads_p": "Plan|Versjon|Gjeld frå|Gjeld til|Eigar|Registrert",
        "heads_e": "Frå|Til|Kopling|Laga av|Dato",
        "joined": "Krav som er slått saman",
        "heads_j": "Krav|Gjeld no som|Sagt av|Dato",
        "none": "ingen gyldig ressurs",
        "recorded_later": "registrert seinare",
    },
    "en": {
        "title": "Requirements and learning resources for {role} on {date}",
        "lead": "Edition: {edition}. {n} requirements, {m} resources; {k} requirements without a valid resource.",
        "later": "What is marked “recorded later” was not in the catalogue that day; its first version is shown.",
        "requirements": "Requirements",
        "resources": "Resources",
        "plans": "Plans",
        "edges": "Links and who made them",
        "heads_q": "Requirement|Necessity|Renewed|Legal basis|Plans|Resources|Version|Checksum",
        "heads_r": "Resource|Type|Edition|Review|Review due|Version|Checksum of the text",
        "heads_p": "Plan|Version|Valid from|Valid to|Owner|Recorded",
        "heads_e": "From|To|Link|Made by|Date",
        "joined": "Requirements that were joined",
        "heads_j": "Requirement|Counts now as|Said by|Date",
        "none": "no valid resource",
        "recorded_later": "recorded later",
    },
}

_CSV: Mapping[str, tuple[str, ...]] = {
    "plans": (
        "id", "kind", "owner", "version", "valid_from", "valid_to", "editions", "source", "stored_version", "recorded",
        "recorded_later", "hash",
    ),
    "requirements": (
        "id", "label", "kind", "level", "code", "necessity", "renewal", "verification", "legal_basis", "plans",
        "resources", "valid_resources", "example", "stored_version", "recorded", "recorded_later", "hash",
    ),
    "resources": (
        "id", "title", "url", "resource_type", "language", "edition", "provider", "licence", "minutes", "published",
        "updated", "review_due", "review_state", "stored_version", "recorded", "recorded_later", "hash", "text_hash",
    ),
    "edges": (
        "source", "target", "kind", "necessity", "edition", "validity", "calendar", "origin", "by", "at",
        "confidence",
    ),
    "joined": ("requirement", "label", "counts_as", "origin", "by", "at"),
}  # fmt: skip


def bundle_files(document: Mapping[str, Any], *, base_uri: str, lang: Language = "nb") -> dict[str, bytes]:
    """Return the files of a bundle by name, `CHECKSUMS` last."""
    files = {f"{name}.csv": _table(document[name], columns) for name, columns in _CSV.items()}
    files["inspection.json"] = _json(document)
    files["inspection.jsonld"] = _json(as_jsonld(document, base_uri))
    files["index.html"] = as_page(document, lang)
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return {name: files[name] for name in sorted(files)} | {CHECKSUMS: sums.encode()}


def checksum(files: Mapping[str, bytes]) -> str:
    """Return the checksum of a whole bundle."""
    return hashlib.sha256(files[CHECKSUMS]).hexdigest()


def write_bundle(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a bundle into a folder, which is made; the checksums come last, so that half a bundle has none.

    Raises
    ------
    InvalidRequest
        If there is something else in the folder.
    BackendError
        If it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        foreign = sorted({path.name for path in folder.iterdir()} - files.keys())
        if foreign:
            raise InvalidRequest(f"{folder} is not empty: {', '.join(foreign[:3])}")
        (folder / CHECKSUMS).unlink(missing_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as e:
        raise BackendError(f"{folder} cannot be written: {e.strerror}") from e


def as_jsonld(document: Mapping[str, Any], base_uri: str) -> dict[str, Any]:
    """Return a bundle as JSON-LD: schema.org, SKOS and ESCO, each link as a statement with its provenance."""

    def uri(node: str) -> dict[str, str]:
        return {"@id": node_uri(node, base_uri)}

    def day(value: str | None) -> dict[str, str] | None:
        return {"@type": "xsd:date", "@value": value} if value else None

    graph: list[dict[str, Any]] = [
        {**uri(f"role:{document['role']['id']}"), "@type": "esco:Occupation",
         "skos:prefLabel": _labels(document["role"]["labels"])}
    ]  # fmt: skip
    for plan in document["plans"]:
        graph.append({
            **uri(f"plan:{plan['id']}"), "@type": "schema:DefinedTermSet", "skos:prefLabel": _labels(plan["labels"]),
            "schema:version": plan["version"], "kg:sha256": plan["hash"],
            "schema:validFrom": day(plan["valid_from"]), "schema:validThrough": day(plan["valid_to"]),
            "kg:storedVersion": plan["stored_version"], "dc:creator": plan["owner"] or None,
        })  # fmt: skip
    for q in document["requirements"]:
        graph.append({
            **uri(f"requirement:{q['id']}"), "@type": ["esco:Skill", "schema:DefinedTerm"],
            "skos:prefLabel": _labels(q["labels"]), "kg:kind": q["kind"], "kg:necessity": q["necessity"],
            "kg:legalBasis": q["legal_basis"] or None, "kg:sha256": q["hash"], "kg:storedVersion": q["stored_version"],
        })  # fmt: skip
    for r in document["resources"]:
        graph.append({
            **uri(f"resource:{r['id']}"), "@type": "schema:LearningResource", "schema:name": r["title"],
            "schema:inLanguage": r["language"], "schema:learningResourceType": r["resource_type"] or None,
            "schema:expires": day(r["review_due"]), "schema:datePublished": day(r["published"]),
            "schema:dateModified": day(r["updated"]), "kg:reviewState": r["review_state"], "kg:sha256": r["hash"],
            "kg:textSha256": r["text_hash"], "kg:storedVersion": r["stored_version"],
            "dc:creator": r["provider"] or None,
        })  # fmt: skip
    for edge in document["edges"]:
        graph.append({
            "@type": "rdf:Statement", "rdf:subject": uri(edge["source"]),
            "rdf:predicate": {"@id": _PREDICATES[edge["kind"]]}, "rdf:object": uri(edge["target"]),
            "kg:origin": edge["origin"], "dc:creator": edge["by"] or None, "dcterms:created": day(edge["at"]),
            "kg:necessity": edge["necessity"], "kg:edition": edge["edition"] or None,
        })  # fmt: skip
    for same in document["joined"]:
        graph.append({
            "@type": "rdf:Statement", "rdf:subject": uri(f"requirement:{same['requirement']}"),
            "rdf:predicate": {"@id": f"{DCTERMS}isReplacedBy"}, "rdf:object": uri(f"requirement:{same['counts_as']}"),
            "kg:origin": same["origin"], "dc:creator": same["by"] or None, "dcterms:created": day(same["at"]),
        })  # fmt: skip
    about = {
        "@id": f"{base_uri}inspection/{document['role']['id']}/{document['date']}/{document['edition']}",
        "@type": "schema:Dataset",
        "schema:about": uri(f"role:{document['role']['id']}"),
        "schema:temporalCoverage": document["date"],
        "kg:edition": document["edition"],
    }
    return {"@context": CONTEXT, "@graph": [about, *({k: v for k, v in n.items() if v} for n in graph)]}


_PREDICATES = {
    "has_plan": f"{NS}hasPlan",
    "requires": f"{NS}requires",
    "teaches": f"{SCHEMA}teaches",
}


def as_page(document: Mapping[str, Any], lang: Language) -> bytes:
    """Return a bundle as a page to read."""
    words = _WORDS[lang]

    def version(item: Mapping[str, Any]) -> str:
        later = f" ({words['recorded_later']})" if item["recorded_later"] else ""
        return f"{item['stored_version']}, {item['recorded']}{later}"

    def heads(name: str) -> tuple[str, ...]:
        return tuple(words[name].split("|"))

    titles = {r["id"]: r["title"] for r in document["resources"]}
    requirements: list[tuple[Value | Painted, ...]] = [
        (
            in_language(q["labels"], lang, q["id"]),
            _NECESSITY[lang][q["necessity"]],
            " / ".join(rule_words(rule, lang) for rule in _rules(q["renewal"])),
            q["legal_basis"],
            ", ".join(q["plans"]),
            "; ".join(titles[id_] for id_ in q["resources"])
            if q["valid_resources"]
            else Painted("; ".join([words["none"], *(titles[id_] for id_ in q["resources"])]), "red"),
            version(q),
            q["hash"][:16],
        )
        for q in document["requirements"]
    ]
    resources: list[tuple[Value | Painted, ...]] = [
        (
            r["title"], r["resource_type"], r["edition"],
            Painted(_REVIEW[r["review_state"]][1][lang], _REVIEW[r["review_state"]][0]),
            r["review_due"], version(r), r["text_hash"][:16],
        )
        for r in document["resources"]
    ]  # fmt: skip
    plans: list[tuple[Value | Painted, ...]] = [
        (
            in_language(p["labels"], lang, p["id"]), p["version"], p["valid_from"], p["valid_to"], p["owner"],
            version(p),
        )
        for p in document["plans"]
    ]  # fmt: skip
    edges = [(e["source"], e["target"], e["kind"], e["by"], e["at"]) for e in document["edges"]]
    joined: list[tuple[Value | Painted, ...]] = [
        (in_language(j["labels"], lang, j["requirement"]), j["counts_as"], j["by"], j["at"])
        for j in document["joined"]
    ]
    role = in_language(document["role"]["labels"], lang, document["role"]["id"])
    later = any(
        x["recorded_later"] for name in ("plans", "requirements", "resources") for x in document[name]
    )
    lead = words["lead"].format(
        edition=document["edition"],
        n=len(requirements),
        m=len(resources),
        k=len(document["without_resource"]),
    )
    return html_page(
        words["title"].format(role=role, date=document["date"]),
        [
            Table(words["requirements"], heads("heads_q"), tuple(requirements)),
            Table(words["resources"], heads("heads_r"), tuple(resources)),
            Table(words["plans"], heads("heads_p"), tuple(plans)),
            Table(words["edges"], heads("heads_e"), tuple(edges)),
            *([Table(words["joined"], heads("heads_j"), tuple(joined))] if joined else []),
        ],
        lang=lang,
        lead=[lead, words["later"]] if later else [lead],
    )


def _rules(records: Sequence[Mapping[str, Any]]) -> list[Validity]:
    return [Validity(r["months"], r["calendar"]) for r in records] or [Validity()]


def _labels(labels: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@language": lang, "@value": text} for lang, text in labels.items()]


def _json(document: Mapping[str, Any]) -> bytes:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options)


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    return csv_bytes(columns, ([_cell(row, column) for column in columns] for row in rows))


def _cell(row: Mapping[str, Any], column: str) -> Value:
    value: Any = (
        in_language(row["labels"], "nb", row.get("id") or row["requirement"])
        if column == "label"
        else row[column]
    )
    if column == "renewal":
        value = [f"{r['months'] or ''}{r['calendar'] or ''}" for r in value]
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, float) else value
