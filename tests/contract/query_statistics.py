"""What every `engine.statistics_ports.QueryStatistics` promises."""

import threading
from dataclasses import fields
from datetime import date, timedelta

import pytest

from engine.errors import NotFound
from engine.statistics_ports import SHOWN_FROM, ClickCount, Pruned, SearchCount, Wish

DAY = date(2026, 11, 22)
OLD = DAY - timedelta(days=100)
SINCE = DAY - timedelta(days=89)


def asked(text="delir", n=1, day=DAY, edition="felles", language="nb", hits=0):
    return SearchCount(text, day, edition, language, hits, n)


def opened(text="delir", resource="kb-1", position=1, day=DAY, n=1):
    return ClickCount(text, resource, position, day, n)


def wish(id_="a1", day=DAY, **more):
    return Wish(id_, day, "felles", "nb", "delir", "Kurs om delir på nynorsk", **more)


def shown(store, since=SINCE):
    return {(s.text, s.edition, s.language, s.hits): s.searches for s in store.searches(since=since)}


class QueryStatisticsContract:
    @pytest.fixture
    def store(self, open_one):
        opened_ = open_one()
        yield opened_
        opened_.close()

    def test_counts_add_up_over_days_and_calls(self, store):
        store.add([asked(n=3), asked(n=2, hits=4)], [], since=SINCE)
        store.add([asked(n=4), asked(n=1, day=DAY - timedelta(days=1))], [], since=SINCE)
        store.add([asked(n=1, edition="ahus"), asked(n=1, language="nn")], [], since=SINCE)
        assert shown(store) == {
            ("delir", "felles", "nb", 0): 8,
            ("delir", "felles", "nb", 4): 2,
            ("delir", "ahus", "nb", 0): 1,
            ("delir", "felles", "nn", 0): 1,
        }

    def test_the_text_is_kept_from_five_and_not_before(self, store):
        for n in range(1, SHOWN_FROM + 2):
            store.add([asked()], [opened()], since=SINCE)
            text = "delir" if n >= SHOWN_FROM else ""
            assert shown(store) == {(text, "felles", "nb", 0): n}
            assert [(c.text, c.clicks) for c in store.clicks(since=SINCE, until=DAY)] == [(text, n)]

    def test_a_query_without_text_never_gets_one(self, store):
        store.add([asked("", 50)], [opened("", n=50)], since=SINCE)
        assert shown(store) == {("", "felles", "nb", 0): 50}

    def test_what_is_older_than_the_window_does_not_help_to_five(self, store):
        store.add([asked(n=4, day=OLD)], [], since=SINCE)
        store.add([asked(n=4)], [], since=SINCE)
        assert shown(store) == {("", "felles", "nb", 0): 4}

    def test_clicks_are_of_the_days_asked_for(self, store):
        days = [DAY - timedelta(days=n) for n in range(3)]
        store.add([], [opened("", day=day, n=n) for n, day in enumerate(days, 1)], since=SINCE)
        store.add([], [opened("", resource="kb-2", position=4, n=7)], since=SINCE)
        found = store.clicks(since=days[1], until=DAY)
        assert [(c.resource, c.position, c.clicks) for c in found] == [("kb-1", 1, 3), ("kb-2", 4, 7)]
        found = store.clicks(since=days[2], until=days[1])
        assert [(c.resource, c.clicks) for c in found] == [("kb-1", 5)]

    def test_pruning_removes_what_is_too_old_and_texts_that_fall_below_five(self, store):
        store.add([asked(n=3, day=OLD), asked(n=3, day=DAY)], [opened(day=OLD)], since=OLD)
        store.add_wish(wish(day=OLD))
        store.add_wish(wish("a2"))
        assert shown(store, OLD) == {("delir", "felles", "nb", 0): 6}
        assert store.prune(before=SINCE) == Pruned(searches=1, clicks=1, wishes=1)
        assert shown(store, OLD) == {("", "felles", "nb", 0): 3}
        assert [w.id for w in store.wishes(since=OLD)] == ["a2"]
        assert store.prune(before=SINCE) == Pruned()

    def test_erasing_leaves_nothing_and_counting_goes_on(self, store):
        store.add([asked(n=9)], [opened()], since=SINCE)
        store.add_wish(wish())
        store.erase()
        assert (shown(store), list(store.clicks(since=OLD, until=DAY)), list(store.wishes(since=OLD))) == (
            {},
            [],
            [],
        )
        store.add([asked(n=5)], [], since=SINCE)
        assert shown(store) == {("delir", "felles", "nb", 0): 5}

    def test_wishes_come_the_newest_day_first_and_are_settled(self, store):
        first, second = wish("b", day=DAY - timedelta(days=1)), wish("a")
        store.add_wish(first)
        store.add_wish(second)
        assert list(store.wishes(since=SINCE)) == [second, first]
        settled = store.settle("b", state="handled", by="redaksjon", on=DAY)
        assert (settled.state, settled.by, settled.handled) == ("handled", "redaksjon", DAY)
        assert list(store.wishes(since=SINCE)) == [second, settled]
        assert store.settle("b", state="new", by="redaksjon", on=DAY) == first
        with pytest.raises(NotFound):
            store.settle("c", state="handled", by="redaksjon", on=DAY)

    def test_an_empty_store_answers(self, store):
        assert list(store.searches(since=OLD)) == []
        assert list(store.clicks(since=OLD, until=DAY)) == []
        assert list(store.wishes(since=OLD)) == []
        assert store.prune(before=DAY) == Pruned()
        store.erase()
        with pytest.raises(NotFound):
            store.settle("c", state="handled", by="redaksjon", on=DAY)

    def test_several_processes_count_together(self, open_one):
        stores = [open_one() for _ in range(4)]

        def count(store):
            for _ in range(10):
                store.add([asked("delir"), asked("fall", hits=4)], [opened()], since=SINCE)

        threads = [threading.Thread(target=count, args=(store,)) for store in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert shown(stores[0]) == {("delir", "felles", "nb", 0): 40, ("fall", "felles", "nb", 4): 40}
        for store in stores:
            store.close()

    def test_many_queries_at_once(self, store):
        store.add([asked(f"ord {n}", 5) for n in range(1500)], [], since=SINCE)
        assert len(shown(store)) == 1500

    def test_no_column_can_hold_a_person_an_address_or_a_time_of_day(self, columns):
        expected = {
            "statistics_secret": {"name": "text", "value": "text"},
            "statistics_query": {"query": "text", "text": "text"},
            "statistics_search": {
                "query": "text", "day": "date", "edition": "text", "language": "text", "hits": "int", "searches": "int",
            },
            "statistics_click": {"query": "text", "resource": "text", "position": "int", "day": "date", "clicks": "int"},
            "statistics_wish": {
                "id": "text", "day": "date", "edition": "text", "language": "text", "query": "text", "text": "text",
                "state": "text", "made_by": "text", "handled": "date",
            },
        }  # fmt: skip
        assert columns == expected


def test_no_record_has_a_field_for_a_person():
    names = {f.name for record in (SearchCount, ClickCount, Wish) for f in fields(record)}
    assert names == {
        "text", "day", "edition", "language", "hits", "searches", "resource", "position", "clicks", "id", "query",
        "state", "by", "handled",
    }  # fmt: skip
