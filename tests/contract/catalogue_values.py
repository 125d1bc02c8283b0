"""Resources, roles, requirements, plans and rulings for the catalogue's contract."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from engine.model import Decision, Resource
from graph.model import Plan, PlanLine, Requirement, Role
from vocab.concept import ConceptId

T = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BY = "importer"
BAD_TEXT = ["a\x00b", "a\ud800b", "a\udfffb"]

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
name = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20).filter(
    lambda text: text not in {".", ".."}
)
names = st.lists(name, max_size=3).map(tuple)
day = st.none() | st.dates()
resources = st.builds(
    Resource,
    id=name,
    title=text.filter(str.strip),
    summary=text,
    body=text,
    url=text.map(lambda t: "https://example.org/" + t),
    language=st.sampled_from(["nb", "nn", "en", "se", "zh-Hant"]),
    resource_type=text,
    edition=text,
    provider=text,
    audience=names,
    audience_group=names,
    arena=names,
    patient_group=names,
    level=text,
    duration=st.none() | st.integers(0, 1_000_000),
    published=day,
    updated=day,
    review_due=day,
    status=st.sampled_from(["draft", "published", "archived"]),
    licence=text,
    themes=names,
    teaches=names,
    sample=st.booleans(),
    responsible=text,
)


def resource(n: int, title: str = "Fallforebygging", **fields) -> Resource:
    return Resource(f"kb-{n:04}", title, **fields)


def role(id_: str = "sykepleier", label: str = "sykepleier") -> Role:
    return Role(id_, {"nb": label, "nn": "sjukepleiar"}, ConceptId("rolle/sykepleier"), hpr="SP")


def requirement(id_: str = "krav-fall", label: str = "fallforebygging") -> Requirement:
    return Requirement(
        id_,
        {"nb": label},
        description={"nb": "Kan forebygge fall.", "en": "Can prevent falls."},
        concepts=(ConceptId("tema/fallforebygging"),),
        kind="skill",
        validity=24,
        prerequisites=("krav-bhlr",),
    )


def plan(id_: str = "plan-a", label: str = "plan", **fields) -> Plan:
    lines = (PlanLine("krav-fall", "betinget", 2), PlanLine("krav-iv", group="g", group_minimum=1))
    return Plan(id_, {"nb": label}, lines, roles=("sykepleier",), valid_from=date(2025, 9, 1), **fields)


def ruling(subject: str = "kb-0001", object_: str = "tema/fall", **fields) -> Decision:
    values = {"kind": "tag", "verdict": "accepted", "by": "redaktør", "at": T, **fields}
    return Decision(subject=subject, object=object_, **values)
