"""Recommendations hold up: nothing leaks, nothing comes too early, every reason can be computed again."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidRequest
from engine.model import Resource, Tag
from engine.network import network
from engine.recommend import RecommendationRequest, Recommender
from graph.competence_graph import CompetenceGraph
from graph.model import Evidence, Plan, PlanLine, Requirement, Role
from graph.paths import holds
from graph.rank import Proximity
from vocab.concept import ConceptId
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
TODAY = date(2026, 11, 21)
ROLES = [
    Role("sykepleier", {"nb": "sykepleier"}),
    Role("hjemmesykepleier", {"nb": "hjemmesykepleier"}, broader="sykepleier"),
]
REQUIREMENTS = [
    Requirement("krav-fall", {"nb": "fallforebygging"}, concepts=(ConceptId("tema/fallforebygging"),)),
    Requirement("krav-lmh", {"nb": "grunnkurs"}, concepts=(ConceptId("tema/legemiddelhandtering"),)),
    Requirement("krav-iv", {"nb": "intravenøst"}, prerequisites=("krav-lmh",)),
    Requirement("krav-uten", {"nb": "krav uten ressurs"}),
]
PLANS = [
    Plan("p1", {"nb": "plan"}, roles=("hjemmesykepleier",), owner="fag", lines=(
        PlanLine("krav-fall", "obligatorisk", 1, validity=24), PlanLine("krav-lmh", "obligatorisk", 2),
        PlanLine("krav-iv", "betinget", 3), PlanLine("krav-uten", "anbefalt", 4))),
    Plan("p2", {"nb": "utgått"}, roles=("hjemmesykepleier",), lines=(PlanLine("krav-gammel"),), valid_to=date(2025, 1, 1)),
]  # fmt: skip


def tag(concept):
    return Tag(ConceptId(concept), 0.9)


RESOURCES = [
    Resource("r1", "Fall 1", teaches=("krav-fall",), duration=20, audience=("sykepleier",)),
    Resource("r2", "Fall 2", teaches=("krav-fall",), duration=40),
    Resource("r3", "Om fall", about=(tag("tema/fallforebygging"),), duration=5),
    Resource("r4", "Grunnkurs", teaches=("krav-lmh",), duration=30),
    Resource("r5", "Intravenøst", teaches=("krav-iv",), duration=10),
    Resource("r6", "Lokalt fall", teaches=("krav-fall",), edition="ahus", duration=10),
    Resource("r7", "Begge", teaches=("krav-fall", "krav-lmh"), duration=25, audience=("radiograf",)),
]


def recommender(resources=RESOURCES, requirements=REQUIREMENTS, plans=PLANS):
    known = [*requirements, Requirement("krav-gammel", {"nb": "gammelt"})]
    graph = CompetenceGraph.build(*network(ROLES, known, plans, resources, VOCABULARY, on=TODAY))
    return Recommender(
        graph=graph,
        proximity=Proximity(graph),
        fetch=lambda ids: {r.id: r for r in resources if r.id in ids},
        roles={r.id: r for r in ROLES},
        requirements={q.id: q for q in known},
        plans={p.id: p for p in plans},
        today=TODAY,
    )


BASE = recommender()


def ask(r=BASE, **fields):
    return r.recommend(RecommendationRequest("hjemmesykepleier", **fields))


def ids(result):
    return [i.resource.id for i in result.items]


def test_an_empty_done_list_gives_a_full_list():
    assert set(ids(ask())) == {"r1", "r2", "r3", "r4", "r5", "r7"}


DONE = st.lists(
    st.builds(
        Evidence,
        st.sampled_from([q.id for q in REQUIREMENTS]),
        st.sampled_from(["approved", "exempt", "in_progress", "expired", "awaiting_approval"]),
        st.one_of(st.none(), st.dates(date(2023, 1, 1), TODAY)),
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(DONE, st.one_of(st.none(), st.integers(1, 200)))
def test_the_same_request_gives_the_same_list(done, minutes):
    assert ask(done=tuple(done), minutes=minutes) == ask(done=tuple(done), minutes=minutes)


@settings(max_examples=60, deadline=None)
@given(DONE)
def test_closing_a_gap_never_adds_its_items(done):
    before = ask(done=tuple(done))
    after = ask(done=(*done, Evidence("krav-fall", "approved", TODAY)))
    assert all("krav-fall" not in i.requirements for i in after.items)
    assert set(ids(after)) <= set(ids(before))


@settings(max_examples=60, deadline=None)
@given(DONE, st.one_of(st.none(), st.integers(1, 200)))
def test_nothing_comes_before_its_prerequisite(done, minutes):
    result = ask(done=tuple(done), minutes=minutes)
    order = ids(result)
    first = [i.resource.id for i in result.items if "krav-lmh" in i.requirements]
    assert "r5" not in order or all(order.index(r) < order.index("r5") for r in first)


@settings(max_examples=60, deadline=None)
@given(DONE, st.one_of(st.none(), st.integers(1, 200)), st.sampled_from([None, "ahus", "vestfold"]))
def test_every_reason_recomputes_and_ends_at_the_resource(done, minutes, edition):
    for item in ask(done=tuple(done), minutes=minutes, edition=edition).items:
        assert item.reasons
        for reason in item.reasons:
            assert holds(BASE.graph, reason.path)
            assert reason.path.nodes[0] == "role:hjemmesykepleier"
            assert reason.path.nodes[-1] == f"resource:{item.resource.id}"
            assert set(reason.sentences) == {"nb", "nn", "en"}
            assert all(item.resource.title in s for s in reason.sentences.values())


@settings(max_examples=60, deadline=None)
@given(DONE, st.integers(1, 150), st.integers(0, 100))
def test_a_larger_budget_never_covers_less(done, minutes, more):
    small = ask(done=tuple(done), minutes=minutes)
    large = ask(done=tuple(done), minutes=minutes + more)
    assert small.minutes <= minutes

    def worth(result):
        weights = {"obligatorisk": 1.0, "betinget": 0.6, "anbefalt": 0.4}
        open_ = {o.requirement: weights[o.necessity] for o in result.obligations}
        return sum(open_[q] for q in {q for i in result.items for q in i.requirements if q in open_})

    assert worth(large) >= worth(small) - 1e-9 or set(large.uncovered) <= set(small.uncovered)


def test_local_content_shows_only_in_its_edition():
    assert "r6" not in ids(ask())
    assert "r6" not in ids(ask(edition="vestfold"))
    assert "r6" in ids(ask(edition="ahus"))


def test_a_withdrawn_resource_never_appears():
    assert "r1" not in ids(ask(replace(BASE, excluded=frozenset({"r1"}))))
    without = [r for r in RESOURCES if r.id != "r1"]
    assert "r1" not in ids(ask(replace(BASE, fetch=lambda ids: {r.id: r for r in without if r.id in ids})))


def test_expired_plans_recommend_nothing():
    extra = Resource("r9", "Gammelt", teaches=("krav-gammel",))
    assert "r9" not in ids(ask(recommender([*RESOURCES, extra])))


def test_a_duplicate_line_in_another_plan_changes_nothing():
    twice = [
        *PLANS,
        Plan(
            "p3",
            {"nb": "til"},
            roles=("hjemmesykepleier",),
            lines=(PlanLine("krav-fall", "obligatorisk", 1),),
        ),
    ]
    assert ids(ask(recommender(plans=twice))) == ids(ask())


def test_labels_follow_the_written_rule():
    labels = {i.resource.id: i.label for i in ask().items}
    assert labels["r1"] == "essential"  # stated, mandatory
    assert labels["r3"] == "recommended"  # proposed, mandatory
    assert labels["r5"] == "recommended"  # stated, conditional


def test_resources_for_the_role_come_before_those_for_others():
    order = ids(ask(done=(Evidence("krav-lmh"), Evidence("krav-iv"))))
    assert order.index("r1") < order.index("r7")


def test_a_budget_prefers_stated_links_of_fitting_resources():
    result = ask(minutes=60, done=(Evidence("krav-iv"),))
    assert "r7" not in ids(result)
    assert {q for i in result.items for q in i.requirements} == {"krav-fall", "krav-lmh"}
    assert result.minutes <= 60


def test_what_stays_open_is_told_and_what_nobody_can_meet():
    result = ask(minutes=5)
    assert "krav-uten" in result.unmet
    assert set(result.unmet) <= set(result.uncovered)
    assert "krav-lmh" in result.uncovered


@pytest.mark.parametrize("fields", [{"k": 0}, {"k": 101}, {"minutes": 0}])
def test_a_request_that_can_be_mended_is_refused(fields):
    with pytest.raises(InvalidRequest):
        ask(**fields)


def test_a_retired_plan_is_not_recommended_from():
    retired = [replace(p, retired=date(2026, 11, 1), retired_reason="erstattet") for p in PLANS]
    assert ask(recommender(plans=retired)).obligations == ()
    assert ids(ask(recommender(plans=retired))) == []
    later = [replace(p, retired=date(2026, 12, 1)) for p in PLANS]
    assert ids(ask(recommender(plans=later))) == ids(ask())


def test_no_edition_is_told_how_strongly_another_asks():
    lines = (PlanLine("krav-fall", "betinget"), PlanLine("krav-fall", "obligatorisk", edition="ahus"))
    common = recommender(plans=[replace(PLANS[0], lines=lines)])
    assert "krever «fallforebygging» ved behov" in ask(common).items[0].reasons[0].sentences["nb"]
    lines = (
        PlanLine("krav-fall", "anbefalt", edition="vestfold"),
        PlanLine("krav-fall", "obligatorisk", edition="ahus"),
    )
    local = recommender(plans=[replace(PLANS[0], lines=lines)])
    assert ids(ask(local)) == []
    told = ask(local, edition="vestfold").items[0].reasons[0].sentences
    assert "har med «fallforebygging»" in told["nb"]
    assert "includes “fallforebygging”" in told["en"]


def test_the_smallest_set_covers_what_can_be_and_says_what_cannot():
    result = ask(smallest=True)
    assert set(result.covered) == {"krav-fall", "krav-lmh", "krav-iv"}
    assert result.why == {"krav-uten": "no_resource"}
    assert ids(result) == ["r4", "r1", "r5"]
    assert result.minutes == 60


def test_a_set_takes_what_must_come_first_or_says_that_there_is_no_time_for_it():
    only_iv = [Plan("p1", {"nb": "plan"}, roles=("hjemmesykepleier",), lines=(
        PlanLine("krav-lmh", "anbefalt"), PlanLine("krav-iv", "obligatorisk")))]  # fmt: skip
    r = recommender(plans=only_iv)
    assert ids(ask(r, minutes=40)) == ["r4", "r5"]
    short = ask(r, minutes=29)
    assert (ids(short), short.why) == ([], {"krav-iv": "prerequisite", "krav-lmh": "no_time"})
    assert ids(ask(r, minutes=29, done=(Evidence("krav-lmh"),))) == ["r5"]


def test_what_is_more_than_one_step_below_the_askers_level_is_left_out():
    basic, middle, high, plain = (
        Resource(f"l{n}", "Fall", teaches=("krav-fall",), level=level)
        for n, level in enumerate(["grunnleggende", "videregaende", "avansert", None])
    )
    r = recommender([basic, middle, high, plain])
    assert set(ids(ask(r))) == set(ids(ask(r, level="videregaende"))) == {"l0", "l1", "l2", "l3"}
    assert set(ids(ask(r, level="avansert"))) == {"l1", "l2", "l3"}
