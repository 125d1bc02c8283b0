"""What do the words of the open graph mean? This project's own terms, and the property that each kind of edge is.

Terms of schema.org, SKOS, ESCO and PROV mean what they mean there; these are the ones that none of them has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from graph.competence_graph import ENDS
from graph.model import EdgeKind
from graph.provenance import NS, PREDICATES, RDF, RDFS, SCHEMA
from vocab.concept import Lang
from vocab.triples import Iri, Text, Triple

OWL = "http://www.w3.org/2002/07/owl#"


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its name in the namespace `NS`, whether it is a class, and what it means."""

    name: str
    meaning: Mapping[Lang, str]
    kind: Literal["class", "property"] = "property"


def _term(name: str, nb: str, nn: str, en: str, kind: Literal["class", "property"] = "property") -> Term:
    return Term(name, {"nb": nb, "nn": nn, "en": en}, kind)


TERMS: tuple[Term, ...] = (
    _term("PlanLine", "ett krav i én plan", "eitt krav i éin plan", "one requirement in one plan", "class"),
    _term("arena", "arbeidssted", "arbeidsstad", "place of work"),
    _term("confidence", "hvor sikker koblingen er, fra 0 til 1", "kor sikker koplinga er, frå 0 til 1",
          "how sure a link is, from 0 to 1"),
    _term("edge", "hva slags kobling det er", "kva slags kopling det er", "the kind of a link"),
    _term("edition", "utgaven det gjelder i", "utgåva det gjeld i", "the edition it holds in"),
    _term("example", "om intervallet er et eksempel", "om intervallet er eit døme",
          "whether the interval is an example"),
    _term("from", "noden koblingen går fra", "noden koplinga går frå", "the node a link leads from"),
    _term("group", "gruppen med valgfrie krav", "gruppa med valfrie krav", "the group of optional requirements"),
    _term("groupMinimum", "hvor mange i gruppen som må oppfylles", "kor mange i gruppa som må oppfyllast",
          "how many of the group must be met"),
    _term("hasPlan", "rollen har planen", "rolla har planen", "the role has the plan"),
    _term("kind", "hva slags krav det er", "kva slags krav det er", "the kind of a requirement"),
    _term("legalBasis", "hjemmel", "heimel", "legal basis"),
    _term("lexical", "om betegnelsene kan kjennes igjen i løpende tekst",
          "om nemningane kan kjennast att i løpande tekst", "whether labels may be matched in running text"),
    _term("line", "linje i planen", "linje i planen", "line of the plan"),
    _term("necessity", "obligatorisk, betinget eller anbefalt", "obligatorisk, betinga eller tilrådd",
          "mandatory (obligatorisk), conditional (betinget) or recommended (anbefalt)"),
    _term("node", "id i grafen", "id i grafen", "id in the graph"),
    _term("origin", "import, redaktør eller automatisk", "import, redaktør eller automatisk",
          "import, editor or automatic"),
    _term("owner", "funksjonen som eier planen", "funksjonen som eig planen", "the function that owns the plan"),
    _term("planKind", "hva slags plan det er", "kva slags plan det er", "the kind of a plan"),
    _term("prerequisite", "krav som må oppfylles først", "krav som må oppfyllast først",
          "requirement that must be met first"),
    _term("proposedTeaches", "programmets forslag om hva ressursen lærer bort",
          "forslaget frå programmet om kva ressursen lærer bort", "what the program proposes that a resource teaches"),
    _term("requirement", "kravet på linjen", "kravet på linja", "the requirement of a line"),
    _term("requires", "planen krever", "planen krev", "the plan requires"),
    _term("retired", "dagen planen ble tatt ut av bruk", "dagen planen vart teken ut av bruk",
          "the day the plan was taken out of use"),
    _term("retiredReason", "hvorfor planen ble tatt ut av bruk", "kvifor planen vart teken ut av bruk",
          "why the plan was taken out of use"),
    _term("reviewDue", "dagen ressursen skal være gjennomgått", "dagen ressursen skal vere gjennomgått",
          "the day the resource is to be reviewed by"),
    _term("sample", "om det er eksempeldata", "om det er eksempeldata", "whether it is sample data"),
    _term("to", "noden koblingen går til", "noden koplinga går til", "the node a link leads to"),
    _term("validityMonths", "måneder til kravet må fornyes", "månader til kravet må fornyast",
          "months until the requirement must be renewed"),
    _term("verification", "hvordan kravet dokumenteres", "korleis kravet blir dokumentert",
          "how the requirement is verified"),
    _term("weight", "hvor sterk koblingen er", "kor sterk koplinga er", "how strong a link is"),
)  # fmt: skip

RELATIONS: Mapping[EdgeKind, Mapping[Lang, str]] = {
    "has_plan": {"nb": "rollen har planen", "nn": "rolla har planen", "en": "the role has the plan"},
    "requires": {"nb": "planen krever", "nn": "planen krev", "en": "the plan requires"},
    "about": {"nb": "handler om", "nn": "handlar om", "en": "is about"},
    "teaches": {"nb": "lærer bort", "nn": "lærer bort", "en": "teaches"},
    "proposed_teaches": {
        "nb": "lærer trolig bort",
        "nn": "lærer truleg bort",
        "en": "teaches, as the program proposes",
    },
    "broader": {"nb": "er snevrere enn", "nn": "er snevrare enn", "en": "narrows"},
    "related": {"nb": "er beslektet med", "nn": "er i slekt med", "en": "is related to"},
    "prerequisite": {"nb": "forutsetter", "nn": "føreset", "en": "requires first"},
    "audience": {"nb": "er laget for", "nn": "er laga for", "en": "is made for"},
}
"""Each kind of edge read from its source to its target."""


def relations() -> list[dict[str, object]]:
    """Return every kind of edge: its property, what it joins, and how it is read."""
    return [
        {
            "kind": kind,
            "property": PREDICATES[kind],
            "from": sorted(ENDS[kind][0]),
            "to": ENDS[kind][1],
            "meaning": dict(RELATIONS[kind]),
        }
        for kind in RELATIONS
    ]


def term_triples() -> Iterator[Triple]:
    """Yield what the terms mean, as RDF Schema."""
    ontology = NS.rstrip("#")
    yield ontology, f"{RDF}type", Iri(f"{OWL}Ontology")
    yield ontology, f"{SCHEMA}name", "Kompetansegraf"
    for term in TERMS:
        subject = NS + term.name
        kind = f"{RDFS}Class" if term.kind == "class" else f"{RDF}Property"
        yield subject, f"{RDF}type", Iri(kind)
        yield subject, f"{RDFS}isDefinedBy", Iri(ontology)
        for lang, text in term.meaning.items():
            yield subject, f"{RDFS}label", Text(text, lang)
