"""What an editor is told would be lost is what a count by hand finds, and what is lost when it is done."""

import random
from dataclasses import replace
from datetime import date

import pytest

from engine.errors import InvalidRequest, NotFound
from engine.impact import Foresight
from engine.impact_texts import lost_table, sentences
from engine.link_editing import LinkEditor
from engine.merging import ResourceMerger
from engine.model import Resource
from graph.model import Plan, PlanLine, Requirement, Role
from indexer.pipeline import index
from small_bank import NOW, open_bank

EDITIONS, LANGUAGES = ("felles", "ahus", "oslo"), (None, "nb", "nn", "en")
TEXT = (
    "Tell pusten i et helt minutt, mål blodtrykk og temperatur, og ring når skåren er fem eller mer enn det. "
    * 3
)
QS = [f"q{n}" for n in range(6)]


def bank():
    """Return resources, requirements and plans, made by a seeded draw."""
    draw = random.Random(7)
    resources = [
        Resource(
            f"r{n:02}",
            f"Tekst nr. {n}",
            body=f"Ord{n} står her. " * 5,
            url=f"https://example.invalid/r{n:02}",
            edition=draw.choice(EDITIONS),
            language=draw.choice(("nb", "nb", "nn", "en")),
            status=draw.choice(("published", "published", "published", "draft")),
            review_due=draw.choice((None, None, date(2026, 1, 1), date(2030, 1, 1))),
            teaches=tuple(draw.sample(QS, draw.randint(0, 2))),
        )
        for n in range(14)
    ]
    resources += [
        Resource("kopi-a", "Skår og ring", body=TEXT, teaches=("q0",)),
        Resource("kopi-b", "Skår og ring", body=TEXT.replace("fem", "sju")),
        Resource("viser", "Les mer", body="Se https://example.invalid/r03 for mer."),
    ]
    requirements = [Requirement(q, {"nb": f"krav {q}", "en": f"requirement {q}"}) for q in QS]
    requirements[1] = replace(requirements[1], prerequisites=("q0",))
    plans = [
        Plan(
            f"p{n}",
            {"nb": f"plan {n}"},
            tuple(PlanLine(q, edition=draw.choice((None, None, "ahus"))) for q in draw.sample(QS, 3)),
            roles=(draw.choice(("a", "b")),),
            editions=draw.choice((("felles",), ("felles",), ("oslo",))),
            valid_to=draw.choice((None, None, date(2026, 1, 1))),
        )
        for n in range(8)
    ]
    return resources, requirements, plans


RESOURCES, REQUIREMENTS, PLANS = bank()


@pytest.fixture
def engine(tmp_path):
    engine = open_bank(tmp_path / "data")
    engine.catalogue.upsert(RESOURCES, by="test", at=NOW)
    engine.catalogue.upsert_roles([Role("a", {"nb": "a"}), Role("b", {"nb": "b"})], by="test", at=NOW)
    engine.catalogue.upsert_requirements(REQUIREMENTS, by="test", at=NOW)
    engine.catalogue.upsert_plans(PLANS, by="test", at=NOW)
    index(engine)
    yield engine
    engine.close()


def uncovered(resources):
    """Count by hand: what a plan asks for in an edition and nothing valid teaches there, in a language or in any."""
    today = NOW.date()
    found = {}
    for q in QS:
        for edition in EDITIONS:
            asking = [
                plan
                for plan in PLANS
                if (plan.valid_to is None or plan.valid_to >= today)
                and ("felles" in plan.editions or edition in plan.editions)
                and any(x.requirement == q and x.edition in {None, edition} for x in plan.lines)
            ]
            for language in LANGUAGES:
                served = any(
                    q in r.teaches
                    and r.status == "published"
                    and (r.review_due is None or r.review_due >= today)
                    and r.edition in {"felles", edition}
                    and language in {None, r.language}
                    for r in resources
                )
                if asking and not served:
                    roles = sorted({role for plan in asking for role in plan.roles})
                    found[q, edition, language] = ([plan.id for plan in asking], roles)
    return found


def by_hand(then):
    before = uncovered(RESOURCES)
    return {key: who for key, who in uncovered(then).items() if key not in before}


def told(effect):
    return {(g.requirement, g.edition, g.language): (list(g.plans), list(g.roles)) for g in effect.lost}


def test_what_is_lost_equals_a_count_by_hand_for_every_resource_and_action(engine):
    foresight, lost, saved = Foresight(engine), 0, 0
    for r in RESOURCES:
        others = [x for x in RESOURCES if x.id != r.id]
        found = foresight.of_resource(r.id)
        assert told(found) == by_hand(others), r.id
        assert set(found.editions) == {edition for _, edition, _ in by_hand(others)}
        assert list(found.plans) == sorted({p for ps, _ in by_hand(others).values() for p in ps})
        lost += len(found.lost)
        for target in ("r00", "kopi-b"):
            if target != r.id:
                union = [
                    replace(x, teaches=(*x.teaches, *r.teaches)) if x.id == target else x for x in others
                ]
                if r.status == "draft" or (r.review_due and r.review_due < NOW.date()):
                    continue  # what is not valid loses nothing, and what it brings is no loss
                merged = foresight.of_resource(r.id, merge_into=target)
                assert told(merged) == by_hand(union), (r.id, target)
                saved += len(found.lost) - len(merged.lost)
        moved = foresight.of_resource(r.id, move_to="oslo")
        assert told(moved) == by_hand([*others, replace(r, edition="oslo")]), r.id
    assert lost > 10
    assert saved > 0


def test_what_was_foretold_is_what_is_lost(engine):
    chosen = max(RESOURCES, key=lambda r: len(Foresight(engine).of_resource(r.id).lost))
    foretold = told(Foresight(engine).of_resource(chosen.id, merge_into="kopi-b"))
    ResourceMerger(engine).merge(chosen.id, "kopi-b", by="redaksjon")
    index(engine)
    after = Foresight(engine)._gaps(serving(engine), EDITIONS)
    now = {(g.requirement, g.edition, g.language) for g in after}
    assert now - uncovered(RESOURCES).keys() == foretold.keys()


def serving(engine):
    from engine.reports.coverage import serving_resources

    return serving_resources(engine)


def test_the_nearest_same_work_and_what_leads_here_are_named(engine):
    LinkEditor(engine).rule("kopi-b", "q0", "rejected", by="redaksjon")
    index(engine)
    found = Foresight(engine).of_resource("kopi-a")
    assert found.redirect == "kopi-b"
    merged = Foresight(engine).of_resource("kopi-a", merge_into="kopi-b")
    assert told(merged) == told(found)  # an editor has said that it does not teach it
    a, b = (engine.catalogue.get(id_) for id_ in ("kopi-a", "kopi-b"))
    engine.duplicates.rulings.rule(a, b, by="redaksjon", at=NOW)
    assert Foresight(engine).of_resource("kopi-a").redirect is None
    named = Foresight(engine).of_resource("r03")
    assert named.linked_from == ("viser",)
    ResourceMerger(engine).merge("r05", "kopi-a", by="redaksjon")
    assert Foresight(engine).of_resource("kopi-a").old_ids == ("r05",)


def test_of_requirements_and_concepts_it_is_told_who_asks_for_them(engine):
    found = Foresight(engine).of_requirement("q0")
    asking = [
        p
        for p in PLANS
        if (p.valid_to is None or p.valid_to >= NOW.date()) and any(x.requirement == "q0" for x in p.lines)
    ]
    assert list(found.plans) == sorted(p.id for p in asking)
    assert list(found.roles) == sorted({role for p in asking for role in p.roles})
    assert found.requirements == ("q1",)  # comes after it
    stated = {r.id for r in RESOURCES if "q0" in r.teaches and r.status == "published"}
    assert stated <= set(found.linked_from)
    for name in ("q9", "\0"):
        with pytest.raises(NotFound):
            Foresight(engine).of_requirement(name)
        with pytest.raises(NotFound):
            Foresight(engine).of_concept(name)
        with pytest.raises(NotFound):
            Foresight(engine).of_resource(name)
    for wrong in ({"merge_into": "r00"}, {"merge_into": "r01", "move_to": "oslo"}):
        with pytest.raises(InvalidRequest):
            Foresight(engine).of_resource("r00", **wrong)


def test_it_is_said_in_three_languages(engine):
    chosen = max((Foresight(engine).of_resource(r.id) for r in RESOURCES), key=lambda e: len(e.lost))
    said = {lang: sentences(engine, chosen, lang) for lang in ("nb", "nn", "en")}
    assert len({len(lines) for lines in said.values()}) == 1
    assert all(len(set(lines)) == 3 for lines in zip(*said.values(), strict=True))
    whole = {g.requirement for g in chosen.lost if g.language is None}
    assert said["en"][0].startswith(f"{len(whole)} requirements" if whole else "No requirement")
    table = lost_table(engine, chosen, "nn")
    assert len(table.rows) == len(chosen.lost)
    assert all(len(row) == len(table.header) for row in table.rows)
