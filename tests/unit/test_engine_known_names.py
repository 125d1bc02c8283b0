"""Names of texts are found again whatever the order, the written form and a wrong letter; a number makes another one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.known_names import NEAR, KnownNames, likeness
from engine.model import Resource
from small_bank import NOW, open_bank

SAME = (
    ("Diabetes type 2", "Type 2-diabetes"),
    ("Fallforebygging i sykehjem", "Forebygging av fall på sykehjem"),
    ("Fallforebygging i sykehjem", "Førebygging av fall på sjukeheimar"),
    ("Fallforebygging i sykehjem", "Fallforebyging i sykehjm"),
    ("Grunnkurs i legemiddelhåndtering", "Legemiddelhåndtering – grunnkurs"),
    ("Når stemmen stiger: deeskalering i fem scener", "Når røysta stig: deeskalering i fem scener"),
)
OTHER = (
    ("Diabetes type 1", "Diabetes type 2"),
    ("NEWS2 i praksis", "Sepsis i praksis"),
    ("Fallforebygging i sykehjem", "Fallforebygging i hjemmet"),
    ("ALS: å være i forkant av neste forandring", "ALS: å være i forkant i stansteamet"),
    ("Håndhygiene", ""),
)
WORDS = ["fall", "forebygging", "sykehjem", "barn", "sår", "stell", "hjemme", "2", "trykksår", "smerte"]
TITLES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)


@pytest.mark.parametrize(("a", "b"), SAME)
def test_the_same_name_written_otherwise_is_near(a, b):
    assert likeness(a, b) >= NEAR


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_another_name_is_not(a, b):
    assert likeness(a, b) < NEAR


@given(TITLES, TITLES)
def test_likeness_is_a_share_and_the_same_both_ways(a, b):
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, b) == pytest.approx(likeness(b, a))
    assert likeness(a, a.upper()) == 1


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    engine = open_bank(tmp_path_factory.mktemp("names"))
    yield engine.catalogue
    engine.close()


@settings(max_examples=15)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abcdef"), TITLES, st.booleans()), max_size=4), max_size=3)
)
def test_what_is_kept_in_memory_is_what_a_fresh_look_finds(catalogue, writes):
    kept = KnownNames(catalogue)
    kept.near("fall")
    for number, write in enumerate(writes):
        resources = {
            id_: Resource(id_, title, status="archived" if gone else "published")
            for id_, title, gone in write
        }
        catalogue.upsert(resources.values(), by="test", at=NOW)
        asked = write[0][1] if write else "fall"
        fresh = KnownNames(catalogue)
        assert kept.near(asked, 0.3) == fresh.near(asked, 0.3)
        assert kept.same(asked) == fresh.same(asked)
        by_hand = [r for r in catalogue.all() if r.status != "archived" and r.title == asked]
        assert [name.id for name in fresh.same(asked)] == [r.id for r in by_hand], number
