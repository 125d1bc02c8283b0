import hashlib
import json
import string
from dataclasses import fields, replace
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.catalogue_values import resources
from engine.errors import InvalidRequest
from engine.model import Resource, Span, Tag
from engine.records import (
    content_hash,
    resource_from_record,
    resource_from_stored,
    resource_to_record,
)
from vocab.concept import ConceptId

FULL = Resource(
    id="kb-0001",
    title="Forebygging av fall",
    summary="Kort",
    body="Lang\n\ntekst 😀",
    url="https://example.org/1",
    language="nn",
    resource_type="film",
    edition="oslo",
    provider="Kompetansebroen (eksempel)",
    audience=("sykepleier", "helsefagarbeider"),
    audience_group=("parorende",),
    arena=("sykehjem",),
    patient_group=("eldre",),
    level="avansert",
    duration=12,
    published=date(2020, 1, 2),
    updated=date(2024, 2, 29),
    review_due=date(2026, 12, 31),
    status="archived",
    licence="CC-BY-4.0",
    responsible="redaksjonen",
    themes=("fallforebygging",),
    teaches=("krav-fall",),
    about=(
        Tag(ConceptId("tema/fall"), 0.75, (Span("title", 0, 4), Span("body", 5, 9)), "editor", "fall", "alt"),
        Tag(ConceptId("tema/eldre"), 1.0, decision="rejected"),
    ),
    sample=True,
)

concepts = st.text(string.ascii_lowercase, min_size=1).map(lambda name: ConceptId(f"tema/{name}"))
spans = st.builds(
    lambda place, start, length: Span(place, start, start + length),
    st.sampled_from(["title", "summary", "body"]),
    st.integers(0, 10_000),
    st.integers(0, 100),
)
tags = st.builds(
    Tag,
    concept=concepts,
    score=st.floats(allow_nan=False, allow_infinity=False),
    spans=st.lists(spans, max_size=3).map(tuple),
    origin=st.sampled_from(["editor", "source", "automatic"]),
    label=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    label_kind=st.sampled_from([None, "pref", "alt", "hidden"]),
    decision=st.sampled_from([None, "accepted", "rejected"]),
)
tagged = st.builds(replace, resources, about=st.lists(tags, max_size=3).map(tuple))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tagged)
def test_a_record_and_back_is_the_same_resource(resource):
    record = json.loads(json.dumps(resource_to_record(resource)))
    assert resource_from_record(record) == resource
    assert resource_from_stored(record) == resource


def test_a_record_has_every_field():
    assert set(resource_to_record(FULL)) == {field.name for field in fields(Resource)}
    assert resource_from_record(resource_to_record(FULL)) == FULL


def test_absent_and_null_fields_have_their_defaults():
    wanted = Resource("kb-1", "Fall")
    assert resource_from_record({"id": "kb-1", "title": "Fall"}) == wanted
    names = [field.name for field in fields(Resource) if field.name not in {"id", "title"}]
    assert resource_from_record({"id": "kb-1", "title": "Fall", **dict.fromkeys(names)}) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-01-31T23:59:59+01:00", date(2026, 1, 31)),
        ("2026-01-31 10:00", date(2026, 1, 31)),
        (date(2026, 1, 31), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 12), date(2026, 1, 31)),
    ],
)
def test_a_date_may_carry_a_time(value, wanted):
    found = resource_from_record({"id": "1", "title": "t", "updated": value}).updated
    assert (found, type(found)) == (wanted, date)


def test_a_whole_number_may_be_written_as_a_decimal():
    found = resource_from_record({"id": "1", "title": "t", "duration": 15.0}).duration
    assert (found, type(found)) == (15, int)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", ""),
        ("id", 7),
        ("id", " kb"),
        ("id", "kb\n"),
        ("id", "æ" * 257),
        ("title", None),
        ("title", " \n"),
        ("title", ["Fall"]),
        ("summary", 3),
        ("body", "a\x00b"),
        ("body", "a\ud83d"),
        ("url", "javascript:alert(1)"),
        ("url", " JavaScript:alert(1)"),
        ("url", "data:text/html,x"),
        ("language", "norsk bokmål"),
        ("language", ""),
        ("audience", "sykepleier"),
        ("audience", {"sykepleier": 1}),
        ("arena", ["hjem", 3]),
        ("themes", [""]),
        ("teaches", ["krav-fall "]),
        ("duration", "15"),
        ("duration", 15.5),
        ("duration", -1),
        ("duration", True),
        ("duration", 10**9),
        ("duration", float("nan")),
        ("duration", float("inf")),
        ("published", "31.12.2024"),
        ("published", "2024-02-30"),
        ("published", "20240101"),
        ("published", "2024-W01-1"),
        ("published", "２０２４-01-01"),
        ("published", 2024),
        ("status", "slettet"),
        ("status", ["draft"]),
        ("sample", "ja"),
        ("sample", 1),
        ("about", "tema/fall"),
        ("about", [3]),
        ("about", [{}]),
        ("about", [{"concept": "fall", "score": 1}]),
        ("about", [{"concept": "tema/fall", "score": "høy"}]),
        ("about", [{"concept": "tema/fall", "score": float("nan")}]),
        ("about", [{"concept": "tema/fall", "score": 1, "weight": 2}]),
        ("about", [{"concept": "tema/fall", "score": 1, "origin": "gjetning"}]),
        ("about", [{"concept": "tema/fall", "score": 1, "decision": "ja"}]),
        ("about", [{"concept": "tema/fall", "score": 1, "label_kind": "main"}]),
        ("about", [{"concept": "tema/fall", "score": 1, "spans": [{"field": "url", "start": 0, "end": 1}]}]),
        ("about", [{"concept": "tema/fall", "score": 1, "spans": [{"field": "body", "start": 2, "end": 1}]}]),
        (
            "about",
            [{"concept": "tema/fall", "score": 1, "spans": [{"field": "body", "start": -2, "end": 1}]}],
        ),
    ],
)
def test_a_value_that_will_not_do_is_refused_with_its_field(field, value):
    with pytest.raises(InvalidRequest, match=rf"^{field}\b"):
        resource_from_record({"id": "kb-1", "title": "Fall", field: value})


def test_the_message_shows_the_value_but_not_all_of_it():
    with pytest.raises(InvalidRequest, match="got 'slettet'"):
        resource_from_record({"id": "1", "title": "t", "status": "slettet"})
    with pytest.raises(InvalidRequest) as caught:
        resource_from_record({"id": "1", "title": "t", "body": "x" * 9999 + "\x00"})
    assert len(str(caught.value)) < 200
    assert "\\x00" in str(caught.value)


def test_a_misspelt_field_is_refused_with_the_nearest():
    with pytest.raises(InvalidRequest, match=r"^audiance: no such field.*audience"):
        resource_from_record({"id": "1", "title": "t", "audiance": []})


@pytest.mark.parametrize("record", [None, [], "x", 3])
def test_only_an_object_is_a_record(record):
    with pytest.raises(InvalidRequest, match=r"^record: "):
        resource_from_record(record)


def test_each_content_field_changes_the_hash_and_about_does_not():
    bare = Resource("kb-0", "Annet")
    seen = {content_hash(bare)}
    for field in fields(Resource):
        changed = content_hash(replace(bare, **{field.name: getattr(FULL, field.name)}))
        assert (changed in seen) == (field.name == "about"), field.name
        seen.add(changed)


def test_the_hash_is_the_same_in_every_version_of_this_program():
    assert (
        content_hash(Resource("kb-1", "Fall")) == hashlib.sha256(b'{"id":"kb-1","title":"Fall"}').hexdigest()
    )
    assert (
        content_hash(replace(FULL, responsible=""))
        == "46afb05934525ff95f274f4168fe94962a16431e06aab851c49c04221ffb5182"
    )
