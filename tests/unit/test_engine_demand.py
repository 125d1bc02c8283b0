"""Demand meets plans: which requirement a query is about, what is missing, and how that is said."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from engine.bootstrap import load_settings, open_engine
from engine.demand import DemandReport, QueryRow, RequirementDemand
from engine.demand_words import demand_sentence
from engine.statistics_ports import SearchCount
from graph.model import Plan, PlanLine, Requirement
from vocab.concept import ConceptId

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
REQUIREMENTS = (
    Requirement("krav-palliasjon", {"nb": "lindrende behandling"}, concepts=(ConceptId("tema/palliasjon"),)),
    Requirement("krav-delir", {"nb": "delir hos eldre", "en": "delirium"}),
    Requirement("krav-gammelt", {"nb": "delir hos eldre"}, replaced_by="krav-delir"),
)
PLANS = (
    Plan("a", {"nb": "a"}, (PlanLine("krav-delir"), PlanLine("krav-palliasjon")), ("sykepleier",)),
    Plan("b", {"nb": "b"}, (PlanLine("krav-delir"),), ("lege", "sykepleier")),
    Plan("c", {"nb": "c"}, (PlanLine("krav-delir"),), ("lege",), retired=date(2026, 1, 1)),
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    settings = load_settings(data=tmp_path_factory.mktemp("demand"), embedder="none")
    engine = open_engine(settings, now=lambda: NOW)
    engine.catalogue.upsert_requirements(REQUIREMENTS, by="test", at=NOW)
    engine.catalogue.upsert_plans(PLANS, by="test", at=NOW)
    counts = [SearchCount(text, NOW.date(), "felles", "nb", hits, n) for text, hits, n in (
        ("delir hos eldre", 4, 34), ("palliasjon til barn", 1, 9), ("insulin", 4, 7), ("insulinn", 0, 6), ("fall", 0, 4),
    )]  # fmt: skip
    engine.statistics.add(counts, [], since=NOW.date())
    yield DemandReport(engine)
    engine.close()


def by_query(report, **asked):
    return {row.query: row for row in report.demand(**asked).rows}


def test_a_query_is_joined_with_the_requirement_of_its_name_and_the_plans_in_force(report):
    (asked,) = by_query(report, show="popular")["delir hos eldre"].requirements
    assert (asked.requirement, asked.plans, asked.roles, asked.wider) == (
        "krav-delir",
        ("a", "b"),
        ("lege", "sykepleier"),
        False,
    )
    assert asked.resources is None, "nothing is indexed"


def test_a_query_of_a_narrower_topic_leads_to_the_requirement_above_it(report):
    row = by_query(report)["palliasjon til barn"]
    assert [(q.requirement, q.wider) for q in row.requirements] == [("krav-palliasjon", True)]
    assert demand_sentence(row, "", "nb") == (
        "9 søk etter «palliasjon til barn», de fleste med 1–3 treff; ikke selv et krav, men under et i 1 plan (lindrende behandling)."
    )


def test_a_query_without_hits_has_its_nearest_concept(report):
    row = by_query(report, show="zero")["insulinn"]
    assert (row.concept, row.named) == (ConceptId("prosedyre/insulin"), False)
    assert by_query(report, show="popular")["insulin"].named


def test_gaps_are_those_that_lack_something_the_most_asked_first(report):
    assert list(by_query(report)) == ["palliasjon til barn", "insulinn"]
    assert list(by_query(report, show="popular", limit=2)) == ["delir hos eldre", "palliasjon til barn"]


ASKED = RequirementDemand("k", {"nb": "delir"}, ("a",), ("r",), {"nb": 1, "nn": 1, "en": 0})
ROW = QueryRow("delir", 9, 4, {}, {}, requirements=(ASKED,))


@pytest.mark.parametrize(
    ("resources", "mostly", "wider", "gap"),
    [
        ({"nb": 1, "nn": 1, "en": 0}, 4, False, None),
        ({"nb": 1, "nn": 0, "en": 5}, 4, False, "no_language"),
        ({"nb": 1, "nn": 0, "en": 5}, 1, False, "few_hits"),
        ({"nb": 0, "nn": 0, "en": 0}, 1, False, "no_resource"),
        ({"nb": 0, "nn": 0, "en": 0}, 4, True, None),
        ({"nb": 1, "nn": 1, "en": 0}, 0, False, "no_hits"),
        (None, 4, False, None),
    ],
)
def test_what_is_missing_is_named_the_worst_first(resources, mostly, wider, gap):
    asked = replace(ASKED, resources=resources, wider=wider)
    assert replace(ROW, mostly=mostly, requirements=(asked,)).gap == gap
