"""Scored all at once, candidates get what they get one by one; asked by many, each gets what one gets."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.made_region import TODAY, Size, make_region
from engine.batch import BatchRecommender, answer_of
from engine.choosing import NECESSITY
from engine.model import COMMON_EDITION, Resource
from engine.recommend import RankWeights, RecommendationRequest, Recommender, is_open
from engine.search import visible
from engine.shelf import Fetched, Held
from engine.traits import Reader, Traits, fits_of, understood
from engine.worlds import Worlds
from graph.competence_graph import CompetenceGraph
from graph.merged_plans import MergedPlans
from graph.model import Evidence
from graph.order import level_rank
from graph.plans import obligations
from graph.rank import Proximity
from unit.test_recommend_properties import ASKED, DONE, EDITIONS, MANY, REGIONS, ROLE
from work import instructions

SMALL = make_region(Size(900, 60, 40, 8, 80, 12_000, 60), seed=3)  # small enough to be scored whole
LARGE = make_region(Size(1500, 60, 40, 8, 80, 20_000, 60), seed=5)
UNEVEN = RankWeights(0.9, 0.3, 0.17, 0.21, -0.4, -0.23, -0.05, 0.13, -0.11, 0.07, 0.2, 0.3, 300.0)


def recommender_of(region, **fields):
    graph = CompetenceGraph.build(region.nodes, region.edges)
    proximity = Proximity(graph)
    parts = {
        "graph": graph,
        "proximity": proximity,
        "fetch": lambda ids: {id_: region.resources[id_] for id_ in ids},
        "roles": region.roles,
        "requirements": region.requirements,
        "plans": region.plans,
        "today": TODAY,
        "traits": Traits.of(proximity.resource_ids, region.resources.values()),
    }
    return Recommender(**(parts | fields))


def requests_of(region):
    return [
        RecommendationRequest(
            member["role"],
            plan=member.get("plan"),
            edition=member["edition"],
            language=("nb", "nn", "en")[number % 3],
            level=(None, None, "avansert", "ekspert")[number % 4],
            done=tuple(Evidence(d["requirement"], d["state"]) for d in member["done"]),
            k=10,
        )
        for number, member in enumerate(region.people())
    ]


IN_SMALL, IN_LARGE = recommender_of(SMALL), recommender_of(LARGE)
OF_SMALL, OF_LARGE = requests_of(SMALL), requests_of(LARGE)


# --- the formula, one candidate at a time --------------------------------------------------------


def rank(level):
    return level_rank(level) if level else -1


def one_by_one(r, request, open_, day):
    """Return the score, its parts, what is served and the setbacks, by resource: all that serves anything, one by one."""
    w, served = r.weights, {}
    for edge in r.graph.edges():
        resource, q = edge.source.removeprefix("resource:"), edge.target.removeprefix("requirement:")
        if edge.kind in {"teaches", "proposed_teaches"} and q in open_ and resource not in r.excluded:
            stated = edge.kind == "teaches"
            if stated or not served.get(resource, {}).get(q, (0, False))[1]:
                served.setdefault(resource, {})[q] = (1.0 if stated else edge.confidence, stated)
    arenas = {r.plans[p].arena for o in open_.values() for p in o.plans if r.plans[p].arena}
    kin, at = set(), request.role
    while at is not None and at not in kin:
        kin.add(at)
        at = r.roles[at].broader if at in r.roles else None
    near = {}
    if served:
        found = r.proximity.near_resources(
            {f"requirement:{q}": NECESSITY[o.necessity] for q, o in open_.items()}
        )
        for resource in served:
            number = r.proximity.resource_number(resource)
            near[resource] = log_ratio(float(found[number]), float(r.proximity.usual[number]))
    out = {}
    for id_, resource in r.fetch(sorted(served)).items():
        if resource.status != "published" or not visible(resource, request.edition):
            continue
        if 0 <= rank(resource.level) < rank(request.level) - 1:
            continue
        worth = {
            q: NECESSITY[open_[q].necessity] * strength * (w.stated if stated else w.proposed)
            for q, (strength, stated) in served[id_].items()
        }
        best = [q for q in open_ if worth.get(q) == max(worth.values())][-1]
        steps = abs(rank(resource.level) - rank(r.requirements[best].level))
        if min(rank(resource.level), rank(r.requirements[best].level)) < 0:
            steps = 0
        for_others = bool(resource.audience) and kin.isdisjoint(resource.audience)
        elsewhere = bool(resource.arena) and bool(arenas) and arenas.isdisjoint(resource.arena)
        readable = understood(resource.language, request.language)
        expired = resource.review_due is not None and resource.review_due < day
        parts = {
            "coverage": max(worth.values()),
            "proximity": w.proximity * near[id_],
            "level": w.level * steps,
            "audience": w.other_audience if for_others else 0.0 if resource.audience else w.everyone,
            "arena": w.other_arena if elsewhere else 0.0,
            "language": w.language if readable else 0.0,
            "review_expired": w.review_expired if expired else 0.0,
            "local": w.local if resource.edition != COMMON_EDITION else 0.0,
        }
        if w.freshness:
            updated = resource.updated or resource.published
            lives = max((day - updated).days, 0) / w.half_life if updated else 1.0
            parts["freshness"] = w.freshness * 0.5**lives
        setbacks = 2 * for_others + elsewhere + (not readable) + 2 * expired
        out[id_] = sum(parts.values()), parts, served[id_], setbacks
    return out


def log_ratio(found, usual):
    return math.log(max(found, 1e-12)) - math.log(max(usual, 1e-12))


def agree(r, request):
    """Hold what is scored at once against one by one; return how many there are of both."""
    day = request.on or r.today
    world = r.world_of(request)
    plan_of = world.plan_behind(r.graph)
    open_ = {
        o.requirement: o for o in world.merged.judged(request.done) if is_open(o) and o.requirement in plan_of
    }
    wanted = one_by_one(r, request, open_, day)
    scored = r._score(request, open_, day)
    assert {s.resource.id for s in scored} <= wanted.keys()
    assert [(-s.score, s.resource.id) for s in scored] == sorted((-s.score, s.resource.id) for s in scored)
    for s in scored:
        score, parts, served, setbacks = wanted[s.resource.id]
        assert s.score == pytest.approx(score, rel=1e-5, abs=1e-5)  # the walk is in single precision
        assert dict(s.parts) == pytest.approx(parts, rel=1e-5, abs=1e-5)
        assert {q: (strength, q in s.stated) for q, strength in s.serves.items()} == served
        assert s.setbacks == setbacks
    return len(scored), len(wanted)


@MANY
@given(REGIONS, ASKED, st.sampled_from([RankWeights(), UNEVEN]))
def test_the_score_is_the_formula_in_regions_of_all_kinds(region, asked, weights):
    have, wanted = agree(region.recommender(weights=weights), asked)
    assert have == wanted


@pytest.mark.parametrize("weights", [RankWeights(), UNEVEN])
def test_the_score_is_the_formula_where_there_are_levels_languages_and_editions(weights):
    r = replace(IN_SMALL, weights=weights)
    some = [agree(r, request) for request in OF_SMALL[:10]]
    assert all(have == wanted for have, wanted in some)
    assert sum(have for have, _ in some) > 500
    some = [agree(replace(IN_LARGE, weights=weights), request) for request in OF_LARGE[:8]]
    assert any(0 < have < wanted for have, wanted in some)  # cut, and what is left is scored as it was


def test_a_part_of_the_score_that_the_cut_does_not_know_would_cut_away_what_is_best():
    """What candidates are sorted by is the score itself: the best of the whole are among those that are kept."""
    for request in OF_LARGE[:20]:
        world = IN_LARGE.world_of(request)
        open_ = {o.requirement: o for o in world.merged.judged(request.done) if is_open(o)}
        kept = [s.resource.id for s in IN_LARGE._score(request, open_, TODAY)]
        wanted = one_by_one(IN_LARGE, request, open_, TODAY)
        best = sorted(wanted, key=lambda id_: (-round(wanted[id_][0], 4), id_))
        assert set(best[:40]) <= set(kept)


# --- the same from a shelf that holds all ---------------------------------------------------------


@MANY
@given(REGIONS, ASKED, st.integers(0, 7))
def test_what_is_held_answers_as_what_is_fetched(region, asked, gone):
    r = region.recommender(excluded=frozenset({f"r{gone}"}))
    ids = r.proximity.resource_ids
    drafts = {x.id: x for x in region.resources}
    held = Held.of(ids, drafts, r.excluded)
    assert replace(r, shelf=held).recommend(asked) == r.recommend(asked)
    fetched = Fetched(ids, r.fetch, r.excluded)
    assert replace(r, shelf=fetched).recommend(asked) == r.recommend(asked)


def test_a_large_region_is_answered_the_same_from_either():
    held = Held.of(IN_LARGE.proximity.resource_ids, LARGE.resources, frozenset())
    for request in OF_LARGE[:30]:
        assert replace(IN_LARGE, shelf=held).recommend(request) == IN_LARGE.recommend(request)


# --- the same for many ----------------------------------------------------------------------------


@MANY
@given(REGIONS, DONE, st.sampled_from(EDITIONS))
def test_plans_merged_once_are_judged_as_plans_merged_anew(region, done, edition):
    requirements = {q.id: q for q in region.requirements}
    merged = MergedPlans(ROLE, region.plans, requirements, on=TODAY, edition=edition)
    anew = obligations(ROLE, region.plans, requirements, on=TODAY, edition=edition, done=done)
    assert merged.judged(done) == anew
    assert merged.judged(()) == list(merged.nothing_done)


@MANY
@given(REGIONS, st.lists(ASKED, min_size=3, max_size=5))
def test_many_get_what_one_gets_whatever_they_ask(region, asked):
    r = region.recommender()
    many = BatchRecommender(r)
    many.read_ahead()
    for request in (*asked, *asked):
        assert many.answer(request) == answer_of(r.recommend(request))


@MANY
@given(REGIONS, ASKED)
def test_one_world_answers_as_all_plans_do(region, asked):
    r = region.recommender()
    worlds = Worlds(r.plans, r.requirements)
    for edition in EDITIONS:
        request = replace(asked, edition=edition)
        assert r.within(worlds.of(request, TODAY)).recommend(request) == r.recommend(request)


def test_what_was_done_for_a_replaced_requirement_counts_in_one_world_too():
    old, new = sorted(SMALL.requirements)[:2]
    requirements = SMALL.requirements | {old: replace(SMALL.requirements[old], replaced_by=new)}
    plan = next(p for p in SMALL.plans.values() if p.editions == ("felles",))
    plan = replace(plan, lines=(replace(plan.lines[0], requirement=new),))
    request = RecommendationRequest(plan.roles[0], plan=plan.id, done=(Evidence(old, "approved", TODAY),))
    world = Worlds({plan.id: plan}, requirements).of(request, TODAY)
    assert [o.state for o in world.merged.judged(request.done)] == ["approved"]


def test_those_who_lack_the_same_share_what_was_found():
    many = BatchRecommender(IN_LARGE)
    many.read_ahead()
    asked = max(OF_LARGE, key=lambda request: len(many.answer(request).next))
    extra = Evidence(asked.done[0].requirement, "approved", date(2026, 1, 1))
    other = replace(asked, done=(*asked.done, extra))
    anew = BatchRecommender(IN_LARGE)
    anew.read_ahead()
    expected = []
    first = instructions(lambda: expected.append(anew.answer(asked)))
    again = instructions(lambda: expected.append(many.answer(asked)))
    assert expected[0] == expected[1]
    assert again < first / 3
    assert many.answer(other) == answer_of(IN_LARGE.recommend(other))
    assert many.answer(replace(asked, language="en")) == answer_of(
        IN_LARGE.recommend(replace(asked, language="en"))
    )


def test_of_two_alike_the_newer_comes_first_and_an_unknown_day_is_one_half_life_old():
    w, day = RankWeights(freshness=0.2, half_life=100.0), date(2026, 11, 21)
    reader = Reader(frozenset(), frozenset(), "nb", None, day)
    days = [day, day - timedelta(days=100), None, day - timedelta(days=200), day + timedelta(days=9)]
    drafts = [Resource(str(n), "", updated=updated) for n, updated in enumerate(days)]
    fits = fits_of(drafts, reader)
    parts = w.standing(fits, np.full(len(days), -1, dtype=np.int8), reader)
    assert parts["freshness"].tolist() == pytest.approx([0.2, 0.1, 0.1, 0.05, 0.2])
    held = Traits.of([r.id for r in drafts], drafts).fits(reader, np.arange(len(drafts)))
    assert np.array_equal(held.age, fits.age, equal_nan=True)
    published = Resource("p", "", published=day - timedelta(days=7))
    assert fits_of([published], reader).age.tolist() == [7.0]
    bare = replace(w, freshness=0.0).standing(fits, np.full(len(days), -1, dtype=np.int8), reader)
    assert "freshness" not in bare


def test_traits_of_a_build_that_has_no_days_are_read(tmp_path):
    traits = Traits.of(["a"], [Resource("a", "", updated=date(2026, 1, 1))])
    old = Traits(traits.names, {name: a for name, a in traits.arrays.items() if name != "updated"})
    old.save(tmp_path / "t", "v")
    assert Traits.open(tmp_path / "t", "v").arrays["updated"].tolist() == [0]
