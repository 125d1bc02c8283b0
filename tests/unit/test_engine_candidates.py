"""A large bank is cut before it is scored: nothing is lost that a list would have had, nothing leaks."""

from dataclasses import replace

import numpy as np

import engine.candidates
from bench.made_region import TODAY, Size, make_region
from engine.batch import BatchRecommender, answer_of
from engine.model import Resource
from engine.recommend import RecommendationRequest, Recommender
from engine.traits import MEANT, NONE, OTHER, Reader, Traits, fits_of, steps_between
from graph.competence_graph import CompetenceGraph
from graph.model import Evidence
from graph.rank import Proximity

REGION = make_region(Size(1500, 60, 40, 8, 80, 20_000, 40), seed=5)
GRAPH = CompetenceGraph.build(REGION.nodes, REGION.edges)
PROXIMITY = Proximity(GRAPH)
PROXIMITY.keep_near()
RECOMMENDER = Recommender(
    graph=GRAPH,
    proximity=PROXIMITY,
    fetch=lambda ids: {id_: REGION.resources[id_] for id_ in ids},
    roles=REGION.roles,
    requirements=REGION.requirements,
    plans=REGION.plans,
    today=TODAY,
    traits=Traits.of(PROXIMITY.resource_ids, REGION.resources.values()),
)
REQUESTS = [
    RecommendationRequest(
        member["role"],
        plan=member.get("plan"),
        edition=member["edition"],
        done=tuple(Evidence(d["requirement"], d["state"]) for d in member["done"]),
        k=10,
    )
    for member in REGION.people()
]


BUSY = RecommendationRequest(
    max(REGION.roles, key=lambda role: sum(role in plan.roles for plan in REGION.plans.values())), k=10
)
"""The role with most plans, and nothing done."""


def ids(result):
    return [item.resource.id for item in result.items]


def test_the_cut_leaves_nearly_all_lists_as_they_are(monkeypatch):
    cut = [RECOMMENDER.recommend(request) for request in REQUESTS]
    monkeypatch.setattr(engine.candidates, "MOST", 10**6)
    whole = [RECOMMENDER.recommend(request) for request in REQUESTS]
    assert any(ids(result) for result in whole)
    same = [
        len(set(ids(a)) & set(ids(b))) / max(1, len(ids(b)))
        for a, b in zip(cut, whole, strict=True)
        if ids(b)
    ]
    assert np.mean(same) >= 0.95
    for a, b in zip(cut, whole, strict=True):
        assert (a.unmet, a.obligations) == (b.unmet, b.obligations)


def test_less_is_read_of_a_large_bank():
    read = []

    def fetch(wanted):
        read.append(len(wanted))
        return {id_: REGION.resources[id_] for id_ in wanted}

    replace(RECOMMENDER, fetch=fetch).recommend(BUSY)
    serving = {
        number
        for plan in REGION.plans.values()
        if BUSY.role in plan.roles and "felles" in plan.editions
        for line in plan.lines
        for number in PROXIMITY.serving.of_requirement(f"requirement:{line.requirement}").resources.tolist()
    }
    assert read[0] < len(serving) / 2


def test_what_others_keep_from_sight_makes_room_for_what_is_seen(monkeypatch):
    monkeypatch.setattr(engine.candidates, "MOST", 1)
    monkeypatch.setattr(engine.candidates, "EACH", 1)
    request = BUSY
    whole = RECOMMENDER.recommend(request)
    best = ids(whole)[0]
    without = replace(RECOMMENDER, excluded=frozenset({best}))
    assert best not in ids(without.recommend(request))
    assert without.recommend(request).unmet == whole.unmet
    # nothing but local content of another edition, except the very last that serves each requirement
    last = {
        q: links.resources[-1]
        for q in REGION.requirements
        if len((links := PROXIMITY.serving.of_requirement(f"requirement:{q}")).resources)
    }
    kept = {PROXIMITY.resource_ids[number] for number in last.values()}
    hidden = {
        id_: replace(resource, edition="felles" if id_ in kept else "elsewhere")
        for id_, resource in REGION.resources.items()
    }
    for traits in (None, RECOMMENDER.traits):  # without any, and with those of another day
        alone = replace(RECOMMENDER, fetch=lambda wanted: {id_: hidden[id_] for id_ in wanted}, traits=traits)
        result = alone.recommend(request)
        assert set(ids(result)) <= kept
        assert result.unmet == whole.unmet


def test_many_in_a_region_get_what_one_gets():
    many = BatchRecommender(RECOMMENDER)
    assert many.read_ahead() > 1000
    for request in REQUESTS:
        assert many.answer(request) == answer_of(RECOMMENDER.recommend(request))


def test_once_read_nothing_is_fetched_again():
    asked = []

    def fetch(wanted):
        asked.extend(wanted)
        return {id_: REGION.resources[id_] for id_ in wanted if id_ != "ressurs-000001"}  # one is gone

    many = BatchRecommender(replace(RECOMMENDER, fetch=fetch))
    many.read_ahead()
    before = len(asked)
    for request in REQUESTS[:20]:
        assert all(item.resource != "ressurs-000001" for item in many.answer(request).next)
    assert len(asked) == before


def test_traits_say_what_the_resources_say(tmp_path):
    resources = [
        Resource(
            "a",
            "",
            audience=("lege",),
            arena=("sykehus", "hjem"),
            language="en",
            edition="ahus",
            level="avansert",
        ),
        Resource("b", "", audience=("jordmor", "lege")),
        Resource("c", "", review_due=TODAY),
    ]
    Traits.of(["a", "b", "c", "gone"], resources).save(tmp_path / "t", "v")
    traits = Traits.open(tmp_path / "t", "v")
    all_ = np.arange(4)
    assert traits.fit("audience", {"jordmor"}, all_).tolist() == [OTHER, MEANT, NONE, NONE]
    assert traits.fit("arena", {"hjem"}, all_[::-1]).tolist() == [NONE, NONE, NONE, MEANT]
    assert traits.is_in("language", lambda value: value == "en", all_).tolist() == [True, False, False, False]
    assert traits.is_in("edition", lambda value: value == "felles", all_).tolist() == [
        False,
        True,
        True,
        True,
    ]
    assert traits.arrays["level"].tolist() == [3, -1, -1, -1]
    assert steps_between(np.ones(4, dtype=np.int8), traits.arrays["level"]).tolist() == [2, 0, 0, 0]
    reader = Reader(
        frozenset({"lege"}), frozenset({"hjem"}), "nn", frozenset({"felles"}), TODAY.replace(year=2027)
    )
    for said, seen in zip(traits.fits(reader, all_[:3]), fits_of(resources, reader), strict=True):
        np.testing.assert_array_equal(said, seen)
    assert traits.expired(TODAY, all_).tolist() == [False] * 4
    assert traits.expired(TODAY.replace(year=2027), all_).tolist() == [False, False, True, False]
