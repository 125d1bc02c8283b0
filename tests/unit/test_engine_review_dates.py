"""What an editor says of a review date holds as long as the source says nothing new; nothing of it is half written."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.sql_catalogue import open_catalogue
from engine.errors import InvalidRequest, NotFound
from engine.model import Resource
from engine.review_dates import ReviewDates

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TODAY = NOW.date()
days = st.none() | st.integers(-800, 800).map(lambda n: TODAY + timedelta(n))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    opened = open_catalogue(f"sqlite:///{tmp_path_factory.mktemp('catalogue')}/c.db")
    yield opened
    opened.close()


def wrote(catalogue, reviews, resource):
    catalogue.upsert(reviews.kept([resource]), by="import", at=NOW)
    return catalogue.get(resource.id).review_due


@settings(max_examples=12, deadline=None)
@given(st.uuids(), days, st.integers(1, 700), st.lists(days, max_size=4))
def test_the_source_is_believed_when_it_names_another_day_after_the_review(
    catalogue, id_, first, ahead, later
):
    reviews = ReviewDates(catalogue, lambda: NOW)
    resource = Resource(str(id_), "Fall", review_due=first)
    assert wrote(catalogue, reviews, resource) == first
    due = TODAY + timedelta(ahead)
    reviews.mark(resource.id, due=due, by="redaksjon")
    for said in later:
        expected = said if said is not None and said != first and said > TODAY else due
        assert wrote(catalogue, reviews, Resource(resource.id, "Fall", review_due=said)) == expected
    assert wrote(catalogue, reviews, resource) == due
    reviews.undo(resource.id, by="redaksjon")
    assert catalogue.get(resource.id).review_due == first
    for said in later:
        assert wrote(catalogue, reviews, Resource(resource.id, "Fall", review_due=said)) == said


def test_many_at_once_are_kept_as_one_by_one(catalogue):
    reviews = ReviewDates(catalogue, lambda: NOW)
    given_ = [Resource(f"m{n}", "Fall", review_due=date(2026, 1, 1)) for n in range(5)]
    catalogue.upsert(given_, by="import", at=NOW)
    for n in (1, 3):
        reviews.mark(f"m{n}", due=date(2027, n, 1), by="redaksjon")
    assert [r.review_due.isoformat() for r in reviews.kept(given_)] == [
        "2026-01-01", "2027-01-01", "2026-01-01", "2027-03-01", "2026-01-01",
    ]  # fmt: skip


def test_a_ruling_that_cannot_be_written_leaves_the_resource_as_it_was(catalogue):
    reviews = ReviewDates(catalogue, lambda: NOW)
    catalogue.upsert([Resource("whole", "Fall")], by="import", at=NOW)
    before = catalogue.last_seq(), catalogue.ruling_seq(), catalogue.audit_trail(limit=1)
    with pytest.raises(InvalidRequest):
        reviews.mark("whole", due=TODAY + timedelta(9), by="redaksjon", reason="\x00")
    assert (catalogue.last_seq(), catalogue.ruling_seq(), catalogue.audit_trail(limit=1)) == before


def test_the_audit_trail_has_the_ruling_and_the_version(catalogue):
    reviews = ReviewDates(catalogue, lambda: NOW)
    catalogue.upsert([Resource("trail", "Fall")], by="import", at=NOW)
    reviews.mark("trail", due=TODAY + timedelta(9), by="redaksjon", reason="lest")
    assert [line.action for line in catalogue.audit_trail("trail")][:2] == [
        "accepted review",
        "update resource",
    ]
    found = reviews.of("trail")
    assert (found.reviewed, found.due, found.source_due, found.by) == (
        TODAY,
        TODAY + timedelta(9),
        None,
        "redaksjon",
    )


def test_what_is_archived_or_not_there_is_not_marked(catalogue):
    reviews = ReviewDates(catalogue, lambda: NOW)
    catalogue.upsert([Resource("gone", "Fall", status="archived")], by="import", at=NOW)
    for name in ("gone", "never", "\x00"):
        with pytest.raises(NotFound):
            reviews.mark(name, due=TODAY + timedelta(9), by="redaksjon")
