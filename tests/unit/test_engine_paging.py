"""Pages of a list that changes between them: nothing twice, nothing lost, no cursor but ours."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import paging
from engine.errors import InvalidRequest
from engine.paging import REMEMBERED, page_of

NAMES = st.lists(st.text("abcæ/ ", min_size=1, max_size=4), unique=True, max_size=30)


def walk(lists, k):
    """Page through a list that is another one at each page; the last one stays."""
    shown, ranks, cursor = [], [], None
    for step in range(1000):
        ids = lists[min(step, len(lists) - 1)]
        page = page_of(np.arange(len(ids)), ids, cursor, k)
        assert len(page.rows) <= k
        shown += [ids[row] for row in page.rows]
        ranks += range(page.first_rank, page.first_rank + len(page.rows))
        cursor = page.next_cursor
        if cursor is None:
            break
    assert ranks == list(range(1, len(shown) + 1))
    return shown


@given(NAMES, st.integers(1, 7))
def test_pages_join_to_the_whole(names, k):
    assert walk([names], k) == names


@given(st.lists(NAMES, min_size=1, max_size=6), st.integers(1, 7))
def test_nothing_comes_twice_and_nothing_that_was_always_there_is_lost(lists, k):
    asked = []
    shown = walk(Watched(lists, asked), k)
    assert len(shown) == len(set(shown))
    assert set.intersection(*map(set, asked)) <= set(shown)


class Watched(list):
    """Lists that tell which of them a walk has seen."""

    def __init__(self, lists, asked):
        super().__init__(lists)
        self.asked = asked

    def __getitem__(self, at):
        self.asked.append(super().__getitem__(at))
        return self.asked[-1]


def test_the_last_hit_of_a_page_may_go_and_the_first_of_the_next_is_not_lost():
    assert walk([list("abcdef"), list("acdef")], 2) == list("abcdef")
    assert walk([list("abcdef"), list("fedcba")], 2) == list("abfedc")
    assert walk([list("abcdef"), list("xyabcdef")], 2) == list("abxycdef")


def test_far_down_the_place_in_the_order_counts_and_cursors_stay_short():
    names = [f"r{n:05}" for n in range(3 * REMEMBERED)]
    assert walk([names], 97) == names
    cursor = None
    for _ in range(11):
        cursor = page_of(np.arange(len(names)), names, cursor, 100).next_cursor
    assert len(cursor) < 4000


def test_an_end_has_no_cursor():
    assert page_of(np.arange(0), (), None, 3) == paging.PageOfRows((), 1, None)
    assert page_of(np.arange(3), ("a", "b", "c"), None, 3).next_cursor is None
    assert page_of(np.arange(4), ("a", "b", "c", "d"), None, 3).next_cursor is not None


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_a_cursor_that_is_not_ours_is_refused_or_harmless(cursor):
    try:
        page = page_of(np.arange(5), tuple("abcde"), cursor, 2)
    except InvalidRequest:
        return
    assert len(page.rows) <= 2


@pytest.mark.parametrize("packed", [b"", b"\x01", b"\x02\0\0\0\x01hhhhh", b"\x01\0\0\0\x01", b"\x01\0\0\0\x01hhhh",
                                    b"\x01\0\0\0\x01hhhhhiiiii", b"\x01\0\0\0\0hhhhh"])  # fmt: skip
def test_forged_cursors_are_refused(packed):
    with pytest.raises(InvalidRequest):
        page_of(np.arange(5), tuple("abcde"), base64.urlsafe_b64encode(packed).decode(), 2)
