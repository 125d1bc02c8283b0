"""Ten promises of recommendations, each on small made-up regions asked through the real recommender.

A region has two roles, up to three plans (with editions, dates, groups and lines of one edition), up to
six requirements (with levels and prerequisites) and up to eight resources (some local, drafts, outdated).
"""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.choosing import NECESSITY
from engine.model import Resource, Tag
from engine.network import network
from engine.recommend import LANGS, RecommendationRequest, Recommender
from graph.competence_graph import CompetenceGraph
from graph.model import Evidence, Plan, PlanLine, Requirement, Role
from graph.order import prerequisites_of
from graph.paths import holds, sentence
from graph.rank import Proximity
from vocab.concept import ConceptId
from vocab.vocabulary import open_vocabulary

VOCABULARY = open_vocabulary()
TODAY = date(2026, 11, 21)
ROLE, OTHER = "hjemmesykepleier", "lege"
NAMES = ("k0", "k1", "k2", "k3", "k4", "k5")
CONCEPTS = [ConceptId(f"tema/{name}") for name in ("fallforebygging", "legemiddelhandtering", "demens")]
LEVELS = (None, "grunnleggende", "videregaende", "avansert")
EDITIONS = (None, None, None, "ahus", "vestfold")
MANY = settings(max_examples=50, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Region:
    requirements: tuple[Requirement, ...]
    plans: tuple[Plan, ...]
    resources: tuple[Resource, ...]

    def recommender(self, **fields) -> Recommender:
        roles = [Role(ROLE, {"nb": "hjemmesykepleier"}), Role(OTHER, {"nb": "lege"})]
        graph = CompetenceGraph.build(
            *network(roles, self.requirements, self.plans, self.published, VOCABULARY, on=TODAY)
        )
        parts = {
            "graph": graph,
            "proximity": Proximity(graph),
            "fetch": lambda ids: {r.id: r for r in self.published if r.id in ids},
            "roles": {r.id: r for r in roles},
            "requirements": {q.id: q for q in self.requirements},
            "plans": {p.id: p for p in self.plans},
            "today": TODAY,
        }
        return Recommender(**(parts | fields))

    @property
    def published(self):
        return [r for r in self.resources if r.status == "published"]


def region_of(seed):
    """A region by chance: drawn in one go, since one drawn piece by piece has too little in it."""
    source = random.Random(seed)

    def some(of, most):
        return tuple(sorted(source.sample(of, min(len(of), source.randint(0, most)))))

    names = NAMES[: source.randint(2, 6)]
    known = tuple(
        Requirement(
            name,
            {"nb": f"krav {name}"},
            concepts=some(CONCEPTS, 2),
            level=source.choice(LEVELS),
            validity=source.choice([None, 12, 24]),
            prerequisites=some(names[:n], source.choice([0, 1, 2])),
        )
        for n, name in enumerate(names)
    )

    def line(minimum):
        group = source.choice([None, None, "valg"])
        return PlanLine(
            source.choice(names),
            source.choice(["obligatorisk", "betinget", "anbefalt"]),
            order=source.randint(0, 5),
            validity=source.choice([None, 12]),
            edition=source.choice(EDITIONS),
            group=group,
            group_minimum=minimum if group else None,
        )

    plans = tuple(
        Plan(
            f"p{n}",
            {"nb": f"plan {n}"},
            tuple(line(minimum) for _ in range(source.randint(1, 7))),
            roles=source.choice([(ROLE,), (ROLE,), (ROLE, OTHER), (OTHER,)]),
            owner="fag",
            editions=source.choice([("felles",), ("felles",), ("ahus",), ("felles", "vestfold")]),
            valid_to=source.choice([None, None, None, date(2025, 1, 1), date(2027, 1, 1)]),
            retired=source.choice([None, None, None, date(2027, 1, 1), date(2026, 1, 1)]),
        )
        for n, minimum in enumerate(source.choices([1, 2, 3], k=source.randint(2, 3)))
    )
    resources = tuple(
        Resource(
            f"r{n}",
            f"Ressurs {n}",
            teaches=some(names, 3),
            about=tuple(Tag(c, 0.9) for c in some(CONCEPTS, 2)),
            duration=source.choice([None, 5, 10, 20, 45]),
            level=source.choice(LEVELS),
            language=source.choice(["nb", "nb", "nn", "en"]),
            edition=source.choice(["felles", "felles", "felles", "ahus"]),
            status=source.choice(["published"] * 4 + ["draft", "archived"]),
            audience=source.choice([(), (), (ROLE,), (OTHER,)]),
            review_due=source.choice([None, None, date(2026, 1, 1)]),
        )
        for n in range(source.randint(3, 8))
    )
    return Region(known, plans, resources)


REGIONS = st.integers(0, 2**32 - 1).map(region_of)
DONE = st.lists(
    st.builds(
        Evidence,
        st.sampled_from(NAMES),
        st.sampled_from(["approved", "exempt", "in_progress", "expired", "awaiting_approval"]),
        st.none() | st.dates(date(2023, 1, 1), TODAY),
    ),
    max_size=4,
).map(tuple)
ASKED = st.builds(
    RecommendationRequest,
    st.just(ROLE),
    done=DONE,
    minutes=st.none() | st.integers(1, 120),
    edition=st.sampled_from(EDITIONS),
    k=st.integers(1, 20),
    smallest=st.sampled_from([False, False, True]),
    diversity=st.sampled_from([None, 0.0, 1.0]),
)


def ids(found):
    return [item.resource.id for item in found.items]


def weight(found):
    """Weight of what a set covers by its own account; of a group only as many as it needs count."""
    by = {o.requirement: o for o in found.obligations}
    groups: dict[tuple[str, str], list[float]] = {}
    limits: dict[tuple[str, str], int] = {}
    total = 0.0
    for q in found.covered:
        o = by[q]
        wanting = [] if o.state == "expires_soon" else [g for g in o.groups if not g.satisfied]
        if not wanting:
            total += NECESSITY[o.necessity]
        for g in wanting:
            key = g.plan, g.name
            groups.setdefault(key, []).append(NECESSITY[o.necessity] / len(wanting))
            limits[key] = g.minimum - g.met
    return total + sum(sum(sorted(w, reverse=True)[: limits[key]]) for key, w in groups.items())


@MANY
@given(REGIONS, ASKED, st.sampled_from(NAMES))
def test_closing_a_gap_never_adds_its_items(region, asked, closed):
    r = region.recommender()
    before = r.recommend(replace(asked, k=100, minutes=None, smallest=False))
    done = (*asked.done, Evidence(closed, "approved", TODAY))
    after = r.recommend(replace(asked, done=done, k=100, minutes=None, smallest=False))
    assert all(closed not in item.requirements for item in after.items)
    assert set(ids(after)) <= set(ids(before))
    for fields in ({}, {"minutes": 30}, {"smallest": True}):  # nor in a short list or a set
        found = r.recommend(replace(asked, done=done, **fields))
        assert all(closed not in item.requirements for item in found.items)
        assert closed not in found.covered + found.uncovered


@MANY
@given(REGIONS, ASKED, st.integers(0, 7))
def test_a_withdrawn_resource_never_appears(region, asked, number):
    gone = f"r{number}"
    r = region.recommender()
    assert gone not in ids(replace(r, excluded=frozenset({gone})).recommend(asked))
    kept = [x for x in region.published if x.id != gone]
    found = replace(r, fetch=lambda wanted: {x.id: x for x in kept if x.id in wanted}).recommend(asked)
    assert gone not in ids(found)
    assert all(item.resource.status == "published" for item in r.recommend(asked).items)


@MANY
@given(REGIONS, ASKED)
def test_no_item_comes_before_its_prerequisite(region, asked):
    r = region.recommender()
    found = r.recommend(asked)

    def needs(later, earlier):
        """Whether `later` must wait for `earlier`, at once or by way of others on the list."""
        seen, waiting = {later.rank}, [later]
        while waiting:
            first = prerequisites_of(waiting.pop().requirements, r.requirements)
            new = [i for i in found.items if first & set(i.requirements) and i.rank not in seen]
            seen |= {i.rank for i in new}
            waiting += new
        return earlier.rank in seen

    for place, item in enumerate(found.items):
        for later in found.items[place + 1 :]:
            if needs(item, later):  # only where each needs the other is there no right order
                assert needs(later, item)
    # nor does a set cover anything without what must come first, if there is any
    for minutes in (5, 10, 20, 45):
        found = r.recommend(replace(asked, minutes=minutes))
        for q in found.covered:
            first = prerequisites_of([q], r.requirements) & {*found.covered, *found.uncovered}
            assert all(p in found.covered or found.why[p] == "no_resource" for p in first)


@MANY
@given(REGIONS, ASKED, st.data())
def test_adding_a_duplicate_requirement_changes_nothing(region, asked, data):
    number = data.draw(st.integers(0, len(region.plans) - 1))
    plan = region.plans[number]
    again = data.draw(st.sampled_from(plan.lines))
    plans = [replace(p, lines=(*p.lines, again)) if p == plan else p for p in region.plans]
    doubled = replace(region, plans=tuple(plans))
    assert doubled.recommender().recommend(asked) == region.recommender().recommend(asked)


@MANY
@given(REGIONS, ASKED)
def test_every_reason_recomputes(region, asked):
    r = region.recommender()
    graph = region.recommender().graph  # drawn again from the same parts
    for item in r.recommend(asked).items:
        assert {reason.requirement for reason in item.reasons} == set(item.requirements)
        for reason in item.reasons:
            assert holds(graph, reason.path)
            assert reason.sentences == {lang: sentence(graph, reason.path, lang) for lang in LANGS}
            assert reason.path.nodes[0] == f"role:{ROLE}"
            assert f"requirement:{reason.requirement}" in reason.path.nodes
            assert reason.path.nodes[-1] == f"resource:{item.resource.id}"


@MANY
@given(REGIONS, ASKED, st.randoms())
def test_the_same_input_gives_the_same_output(region, asked, source):
    first = region.recommender().recommend(asked)
    assert region.recommender().recommend(asked) == first
    mixed = [list(part) for part in (region.requirements, region.plans, region.resources)]
    for part in mixed:
        source.shuffle(part)
    assert Region(*map(tuple, mixed)).recommender().recommend(asked) == first


@MANY
@given(REGIONS, ASKED, st.integers(1, 90), st.integers(0, 90))
def test_a_larger_budget_never_covers_less(region, asked, minutes, more):
    r = region.recommender()
    small = r.recommend(replace(asked, minutes=minutes))
    large = r.recommend(replace(asked, minutes=minutes + more))
    assert small.minutes <= minutes
    assert weight(large) >= weight(small) - 1e-9
    assert weight(r.recommend(replace(asked, minutes=None, smallest=True))) >= weight(large) - 1e-9


@MANY
@given(REGIONS, ASKED)
def test_local_content_never_leaks_across_editions(region, asked):
    r = region.recommender()
    found = r.recommend(asked)
    mine = {None, "felles", asked.edition}
    plans = [p for p in region.plans if {"felles", asked.edition} & set(p.editions)]
    asked_for = {
        (p.id, line.requirement, line.necessity) for p in plans for line in p.lines if line.edition in mine
    }
    requirements_asked = {q for _, q, _ in asked_for}
    for item in found.items:
        assert item.resource.edition in mine
        assert set(item.requirements) <= requirements_asked
        for reason in item.reasons:
            requires = reason.path.edges[1]
            plan = requires.source.removeprefix("plan:")
            assert (plan, reason.requirement) in {ask[:2] for ask in asked_for}
            told = (
                requires.necessity
            )  # None where editions differ: then the sentence does not say how strongly
            assert told is None or (plan, reason.requirement, told) in asked_for
    assert {o.requirement for o in found.obligations} <= requirements_asked


@MANY
@given(REGIONS, ASKED)
def test_plan_versions_out_of_force_recommend_nothing(region, asked):
    r = region.recommender()
    current = [p for p in region.plans if p.in_force(TODAY)]
    wanted = {line.requirement for p in current if ROLE in p.roles for line in p.lines}
    found = r.recommend(asked)
    drawn = {node.local for node in r.graph.nodes("plan")}
    assert {p.id for p in current} <= drawn  # one that is retired later is in use till then
    for item in found.items:
        assert set(item.requirements) <= wanted
        for reason in item.reasons:
            assert reason.path.nodes[1] in {f"plan:{p.id}" for p in current}
    over = tuple(replace(p, valid_to=TODAY - timedelta(days=1)) for p in region.plans)
    none = replace(region, plans=over).recommender().recommend(asked)
    assert (none.items, none.obligations) == ((), ())
    assert replace(r, plans={p.id: p for p in over}).recommend(asked).items == ()  # the graph is older


@MANY
@given(REGIONS, st.sampled_from(EDITIONS))
def test_an_empty_done_list_gives_a_full_list(region, edition):
    r = region.recommender()
    assume(r.recommend(RecommendationRequest(ROLE, edition=edition)).obligations)
    for fields in ({"k": len(region.requirements)}, {"smallest": True}):
        found = r.recommend(RecommendationRequest(ROLE, edition=edition, **fields))
        assert {o.requirement for o in found.obligations} == {*found.covered, *found.uncovered}
        left = {q for q in found.uncovered if found.why[q] != "enough"}
        assert left == set(found.unmet) - {q for q in found.uncovered if found.why[q] == "enough"}
        if "k" in fields:
            assert {q for item in found.items for q in item.requirements} == set(found.covered)
            assert set(found.uncovered) == set(found.unmet)
