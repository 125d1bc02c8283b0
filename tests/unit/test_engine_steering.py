"""What editors say of tags holds in every build and search: rulings, blocks, corrections."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.bootstrap import load_settings, open_engine
from engine.model import Decision, Resource, SearchRequest
from engine.recent import RecentChanges
from engine.steering import Block, Steering, standing, text_basis
from indexer.pipeline import index
from tiny_vocabulary import write_tiny_vocabulary
from vocab.concept import ConceptId

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
FALL, ETHICS, HANDS = (ConceptId(f"tema/{name}") for name in ("fallforebygging", "etikk", "smittevern"))
TEXT = Resource("r0", "Fallforebygging og smittevern", body="Om etikk.")


def ruling(concept, verdict, text=TEXT, **fields):
    return Decision("tag", text.id, concept, verdict, "t", START, basis=text_basis(text), **fields)


@pytest.fixture
def engine(tmp_path):
    clock = [START]
    settings = load_settings(
        data=tmp_path / "data", embedder="none", vocabulary=write_tiny_vocabulary(tmp_path / "vocabulary")
    )
    opened = open_engine(settings, now=lambda: clock[0])
    opened.clock = clock
    opened._recent = RecentChanges(opened.catalogue, opened.vectors, budget=60)
    yield opened
    opened.close()


def concepts(engine, resource=TEXT, decisions=(), **how):
    return [tag.concept for tag in engine.topics.tagger.tags(resource, decisions, **how)]


def having(engine, concept):
    result = engine.search(SearchRequest(filters={"concept": (concept,)}, k=100, edition="alle"))
    return {hit.resource.id for hit in result.hits}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (replace(TEXT, title="  FALLFOREBYGGING\nog\tsmittevern "), True),
        (replace(TEXT, id="x", edition="ahus", themes=("etikk",), language="nn", url="https://x.no"), True),
        (replace(TEXT, title="Fallforebygging og smittevern."), False),
        (replace(TEXT, title="Fallforebygging", summary="og smittevern"), False),
        (replace(TEXT, body="Om etikk 2"), False),
        (replace(TEXT, body=""), False),
    ],
)
def test_a_text_is_changed_when_a_sign_of_it_is_and_not_by_white_space_or_casing(text, same):
    assert (text_basis(text) == text_basis(TEXT)) == same
    out = standing(text, [ruling(FALL, "rejected")], ConceptId)
    assert (out.out, out.again) == (
        (frozenset({FALL}), frozenset()) if same else (frozenset(), frozenset({FALL}))
    )


def test_accents_may_be_written_as_one_sign_or_two():
    assert text_basis(Resource("a", "p\u00e5")) == text_basis(Resource("a", "pa\u030a"))


def test_a_ruling_from_before_texts_were_hashed_holds_for_every_text():
    earlier = replace(ruling(FALL, "rejected"), basis="")
    assert standing(replace(TEXT, body="Nytt"), [earlier], ConceptId).out == {FALL}


def test_a_ruling_on_a_replaced_concept_holds_for_the_new_one_unless_that_has_its_own():
    def current(concept):
        return {"tema/gammel": FALL, "tema/borte": None}.get(concept, ConceptId(concept))

    old = ruling("tema/gammel", "rejected")
    assert standing(TEXT, [old, ruling("tema/borte", "accepted")], current).out == {FALL}
    for both in ([old, ruling(FALL, "accepted")], [ruling(FALL, "accepted"), old]):
        found = standing(TEXT, both, current)
        assert (found.kept, found.out) == ({FALL: "accepted"}, frozenset())


def test_a_rejected_concept_takes_no_place_among_the_proposed(engine):
    best, second = concepts(engine, limit=2)
    assert concepts(engine, decisions=[ruling(best, "rejected")], limit=1) == [second]


def test_a_pinned_concept_stands_before_accepted_and_stated_ones(engine):
    text = replace(TEXT, themes=("etikk",))
    found = engine.topics.tagger.tags(text, [ruling(FALL, "accepted"), ruling(HANDS, "pinned")])
    assert [(t.concept, t.score, t.decision) for t in found] == [
        (HANDS, 1.0, "pinned"), (ETHICS, 1.0, None), (FALL, 1.0, "accepted"),
    ]  # fmt: skip


def test_a_rejected_theme_of_the_source_is_no_tag_either(engine):
    assert FALL not in concepts(
        engine, replace(TEXT, themes=("fallforebygging",)), [ruling(FALL, "rejected")]
    )


def test_a_block_keeps_proposals_away_where_it_holds_and_nothing_that_editors_state(engine):
    film = replace(TEXT, resource_type="film", edition="ahus")
    for block in (Block(FALL), Block(FALL, edition="ahus"), Block(FALL, resource_type="film")):
        steering = Steering((block,))
        assert FALL not in concepts(engine, film, steering=steering)
        assert (FALL in concepts(engine, steering=steering)) == (block.where != "*")
        assert FALL in concepts(engine, film, [ruling(FALL, "accepted")], steering=steering)
        assert FALL in concepts(engine, replace(film, themes=("fallforebygging",)), steering=steering)


def test_what_was_blocked_is_shown_to_editors_and_proposals_of_a_text_leave_it_out(engine):
    engine.write_resources([TEXT], by="t")
    editor = engine.tag_editor()
    editor.block(Block(FALL), by="t")
    states = {row.tag.concept: row.state for row in editor.tags("r0")}
    assert states == {FALL: "blocked", HANDS: "proposed", "tema/etikk": "proposed"}
    assert [t.concept for t in engine.propose_tags(TEXT.title, "")] == [HANDS]


def bank(n):
    return [Resource(f"r{i:02}", "Fallforebygging", body=f"Nummer {i}.") for i in range(n)]


def test_corrections_reach_all_other_resources_with_the_next_index_run_and_only_what_differs_is_written(
    engine,
):
    engine.write_resources([*bank(20), Resource("x", "Smittevern")], by="t")
    index(engine)
    editor = engine.tag_editor()
    for i in range(12):
        editor.rule(f"r{i:02}", FALL, "rejected", by="t")
    assert having(engine, FALL) == {f"r{i:02}" for i in range(12, 20)}
    report = index(engine)
    assert having(engine, FALL) == set()
    assert (report.whole, report.changed) == ("", 20)
    assert having(engine, HANDS) == {"x"}
    for again in (False, True):
        index(engine, rebuild=again)
        assert having(engine, FALL) == set()
    assert index(engine).skipped
    for i in range(12):
        editor.withdraw(f"r{i:02}", FALL, by="t")
    assert index(engine).changed == 20
    assert len(having(engine, FALL)) == 20


def test_what_was_learnt_is_from_what_the_tagger_said_and_not_from_what_it_said_after_learning(engine):
    engine.write_resources(bank(3), by="t")
    editor = engine.tag_editor()
    first, second = (editor.rule(f"r{i:02}", FALL, "rejected", by="t") for i in range(2))
    assert first.score == second.score == pytest.approx(0.667, abs=0.2)
    assert (first.label, first.features) == ("fallforebygging", "title/pref")
    added = editor.rule("r02", ETHICS, "accepted", by="t")
    assert (added.score, added.label) == (None, "")
    assert engine.propose_tags("Fallforebygging", "")[0].score < first.score


def test_a_block_ends_by_itself_with_the_next_index_run_after_its_last_day(engine):
    engine.write_resources(bank(2), by="t")
    engine.tag_editor().block(Block(FALL, until=date(2026, 11, 22)), by="t")
    index(engine)
    assert having(engine, FALL) == set()
    engine.clock[0] += timedelta(days=1)
    assert index(engine).skipped
    engine.clock[0] += timedelta(days=1)
    assert index(engine).changed == 2
    assert having(engine, FALL) == {"r00", "r01"}


def test_more_blocked_tags_than_are_laid_over_wait_and_push_nothing_written_aside(engine):
    engine.write_resources(bank(9), by="t")
    index(engine)
    engine._recent = RecentChanges(engine.catalogue, engine.vectors, limit=3, budget=60)
    engine.write_resources([Resource("ny", "Vaklometri")], by="t")
    engine.tag_editor().block(Block(FALL), by="t")
    assert len(having(engine, FALL)) == 7
    assert engine.waiting() == 7
    found = engine.search(SearchRequest("vaklometri", mode="lexical"))
    assert [hit.resource.id for hit in found.hits] == ["ny"]
    assert found.degraded == ("changes_pending",)
    index(engine)
    assert (having(engine, FALL), engine.waiting()) == (set(), 0)


def test_a_block_is_followed_for_what_lies_over_the_build_too(engine):
    index(engine)
    engine.write_resources(bank(2), by="t")
    assert having(engine, FALL) == {"r00", "r01"}
    engine.tag_editor().block(Block(FALL), by="t")
    assert having(engine, FALL) == set()
