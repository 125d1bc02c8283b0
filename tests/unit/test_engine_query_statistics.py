"""Counting folds typing, writes in the background, is bounded, and gives away no small number."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import query_statistics
from engine.demand import query_rows
from engine.errors import BackendUnavailable
from engine.query_statistics import Asked, QueryCounter, released, typed_on
from engine.statistics_ports import SHOWN_FROM, ClickCount, Pruned, SearchCount

DAY = date(2026, 11, 22)


class Kept:
    """A store that remembers what it was handed."""

    def __init__(self):
        self.searches, self.clicks, self.pruned, self.fails = [], [], [], False

    def add(self, searches, clicks, *, since):
        if self.fails:
            raise BackendUnavailable("away")
        self.searches += searches
        self.clicks += clicks
        self.since = since

    def prune(self, *, before):
        self.pruned.append(before)
        return Pruned()


class Clock:
    at = 0.0

    def __call__(self):
        return self.at


def counter(store, clock=None, known=lambda text: True, today=lambda: DAY, days=90):
    made = QueryCounter(store, known=known, today=today, days=days, clock=clock or Clock())
    made.start = lambda: None
    return made


def ask(made, *texts, clock=None, step=0.1, hits=7):
    for text in texts:
        made.searched(text, hits=hits, edition="felles", language="nb")
        if clock:
            clock.at += step


def texts(store):
    return {s.text: s.searches for s in store.searches}


def test_steps_of_typing_are_one_search():
    store, clock = Kept(), Clock()
    made = counter(store, clock)
    ask(made, "de", "del", "deli", "delir", "delir hos", "delir hos eldre", clock=clock)
    made.flush()
    assert texts(store) == {"delir hos eldre": 1}


def test_each_longer_search_explains_one_of_each_shorter():
    store, clock = Kept(), Clock()
    made = counter(store, clock)
    ask(made, "fall", "fall", "fall", "fall hos eldre", clock=clock)
    made.flush()
    assert texts(store) == {"fall": 2, "fall hos eldre": 1}


def test_a_pause_another_edition_and_another_language_are_searches_of_their_own():
    one = Asked(0.0, DAY, "felles", "nb", "fall", 4)
    others = [
        Asked(query_statistics.TYPING + 0.1, DAY, "felles", "nb", "fall hos eldre", 4),
        Asked(0.1, DAY, "ahus", "nb", "fall hos eldre", 4),
        Asked(0.1, DAY, "felles", "nn", "fall hos eldre", 4),
        Asked(0.1, DAY + timedelta(days=1), "felles", "nb", "fall hos eldre", 4),
    ]
    for other in others:
        assert len(typed_on([one, other], None)[0]) == 2


def test_typing_across_two_batches_is_one_search():
    store, clock = Kept(), Clock()
    made = counter(store, clock)
    ask(made, "deli", clock=clock)
    made._write(everything=False)
    assert store.searches == []
    ask(made, "delir", clock=clock)
    clock.at += query_statistics.TYPING + 1
    made._write(everything=False)
    assert texts(store) == {"delir": 1}


@given(
    st.lists(st.tuples(st.sampled_from(["f", "fa", "fal", "fall", "delir"]), st.floats(0, 20)), max_size=30)
)
def test_folding_loses_no_finished_search_and_invents_none(steps):
    at, asked = 0.0, []
    for text, pause in steps:
        at += pause
        asked.append(Asked(at, DAY, "felles", "nb", text, 4))
    settled, waiting = typed_on(asked, None)
    assert waiting == []
    assert set(settled) <= set(asked)
    for text in ("fall", "delir"):  # nothing longer begins with them
        assert sum(a.text == text for a in settled) == sum(a.text == text for a in asked)
    longest_first = sum(len(a.text) for a in settled)
    assert longest_first <= sum(len(a.text) for a in asked)


def test_what_may_tell_of_a_person_is_not_counted_at_all_nor_are_the_steps_to_it():
    store, clock = Kept(), Clock()
    made = counter(store, clock)
    ask(
        made,
        "0101",
        "010190 1",
        "010190 12345",
        "ring 22334455",
        "kari@example.org",
        "Kari Nordmann",
        clock=clock,
    )
    made.flush()
    assert store.searches == []


def test_a_query_of_unknown_words_is_counted_without_its_text():
    store = Kept()
    made = counter(store, known=lambda text: False)
    ask(made, "noe ukjent", "noe annet")
    made.flush()
    assert texts(store) == {"": 2}


def test_an_index_that_is_away_lets_no_text_through():
    def away(_):
        raise BackendUnavailable("away")

    store = Kept()
    made = counter(store, known=away)
    ask(made, "delir")
    made.flush()
    assert texts(store) == {"": 1}


def test_hits_positions_and_queries_are_counted_by_class():
    store = Kept()
    made = counter(store)
    for hits in (0, 1, 3, 4, 500):
        made.searched("  Fall?", hits=hits, edition="ahus", language="nn")
    for place in (0, 1, 3, 10, 11, 400):
        made.opened("kb-1", text="Fall", position=place)
    made.opened("kb-1", text="ola nordmann 22334455")
    made.flush()
    assert [(s.text, s.edition, s.language, s.hits, s.searches) for s in store.searches] == [
        ("fall", "ahus", "nn", 0, 1),
        ("fall", "ahus", "nn", 1, 2),
        ("fall", "ahus", "nn", 4, 2),
    ]
    found = [(c.text, c.position, c.clicks) for c in store.clicks]
    assert found == [
        ("", 0, 1),
        ("fall", 0, 1),
        ("fall", 1, 1),
        ("fall", 2, 1),
        ("fall", 4, 1),
        ("fall", 11, 2),
    ]


def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr(query_statistics, "MOST", 3)
    store = Kept()
    made = counter(store)
    ask(made, *["fall"] * 10)
    made.flush()
    assert texts(store) == {"fall": 3}


def test_a_store_that_is_away_fails_no_search():
    store = Kept()
    store.fails = True
    made = counter(store)
    ask(made, "fall")
    made.flush()
    store.fails = False
    ask(made, "delir")
    made.flush()
    assert texts(store) == {"delir": 1}


def test_nothing_is_counted_when_statistics_are_off():
    made = counter(None)
    ask(made, "fall")
    made.opened("kb-1")
    made.flush()
    assert not made.counts
    assert made.prune() == Pruned()
    made.close()


def test_old_counts_go_when_the_day_changes():
    today = [DAY]
    store = Kept()
    made = counter(store, today=lambda: today[0], days=30)
    made.prune()
    today[0] += timedelta(days=1)
    made.prune()
    assert store.pruned == [DAY - timedelta(days=29), DAY - timedelta(days=28)]


def test_the_thread_writes_what_waits_and_ends(monkeypatch):
    monkeypatch.setattr(query_statistics, "EVERY", 0.01)
    monkeypatch.setattr(query_statistics, "TYPING", -1.0)
    store = Kept()
    made = QueryCounter(store, known=lambda text: True, today=lambda: DAY, days=1)
    ask(made, "fall")
    made.close()
    assert texts(store) == {"fall": 1}
    assert not made._thread.is_alive()


CELLS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12), max_size=6)


@given(CELLS)
def test_no_small_number_is_shown_nor_comes_out_by_subtraction(cells):
    shown = released(cells)
    assert all(shown[key] == cells[key] >= SHOWN_FROM for key in shown)
    rest = sum(cells.values()) - sum(shown.values())
    assert rest == 0 or rest >= SHOWN_FROM or not shown


COUNTS = st.lists(
    st.builds(
        SearchCount,
        st.sampled_from(["", "fall", "delir"]),
        st.just(DAY),
        st.sampled_from(["felles", "ahus", "sus"]),
        st.sampled_from(["nb", "nn"]),
        st.sampled_from([0, 1, 4]),
        st.integers(1, 9),
    ),
    max_size=20,
)


@given(COUNTS)
def test_rows_of_all_editions_and_of_each_give_no_small_number_away(counts):
    every = {row.query: row for row in query_rows(counts)}
    assert "" not in every
    for row in every.values():
        for cells in (row.editions, row.hits):
            rest = row.searches - sum(cells.values())
            assert row.searches >= SHOWN_FROM
            assert all(n >= SHOWN_FROM for n in cells.values())
            assert rest == 0 or rest >= SHOWN_FROM or not cells
    for edition in ("felles", "ahus", "sus"):
        for row in query_rows(counts, edition=edition):
            total = every[row.query]
            assert row.searches == total.editions[edition] >= SHOWN_FROM
            for hits, n in row.hits.items():
                assert n == 0 or n >= SHOWN_FROM
                elsewhere = total.hits.get(hits, 0) - n
                assert hits not in total.hits or elsewhere == 0 or elsewhere >= SHOWN_FROM


@pytest.mark.parametrize(("clicks", "shown"), [(4, None), (5, 5)])
def test_clicks_are_shown_from_five(clicks, shown):
    counts = [SearchCount("fall", DAY, "felles", "nb", 4, 9)]
    (row,) = query_rows(counts, [ClickCount("fall", "kb-1", 1, DAY, clicks)])
    assert row.clicks == shown
    assert sum(row.positions.values()) == (shown or 0)
