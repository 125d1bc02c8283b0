"""The difference between two roles, over HTTP and as a page."""

import pytest

from graph.model import Plan, PlanLine
from small_bank import NOW


@pytest.fixture
def home_care(own_bank, own_site):
    """Home care nurses are asked for falls only, and only recommended so."""
    plan = Plan("plan-hjem", {"nb": "Hjemme"}, (PlanLine("krav-fall", "anbefalt", 1),), ("hjemmesykepleier",))
    own_bank.catalogue.upsert_plans([plan], by="t", at=NOW)
    return own_site


def test_it_tells_what_is_added_raised_shared_and_dropped_and_what_covers_it(home_care):
    found = home_care.get(
        "/v1/roles/hjemmesykepleier/difference", params={"to": "sykepleier", "lang": "en"}
    ).json()
    assert [c["requirement"] for c in found["added"]] == ["krav-news2", "krav-tomt"]
    assert [(c["requirement"], c["raised"], c["label"]) for c in found["raised"]] == [
        ("krav-fall", ["necessity"], "fall prevention")
    ]
    assert found["raised"][0]["before"]["necessity"] == "anbefalt"
    assert found["shared"] == found["dropped"] == []
    resources = found["resources"]
    assert [i["resource"]["id"] for i in resources["items"]] == ["kb-1", "kb-6"]
    assert resources["minutes"] == 70
    assert resources["why"] == {"krav-tomt": "no_resource"}
    back = home_care.get("/v1/roles/sykepleier/difference", params={"to": "hjemmesykepleier"}).json()
    assert (back["added"], back["raised"], back["resources"]["items"]) == ([], [], [])
    assert [c["requirement"] for c in back["dropped"]] == ["krav-news2", "krav-tomt"]


def test_what_the_first_role_has_is_not_learnt_again(own_bank, own_site):
    plan = Plan("plan-hjem", {"nb": "Hjemme"}, (PlanLine("krav-fall", order=1),), ("hjemmesykepleier",))
    own_bank.catalogue.upsert_plans([plan], by="t", at=NOW)
    found = own_site.get(
        "/v1/roles/hjemmesykepleier/difference", params={"to": "sykepleier", "minutes": 45}
    ).json()
    assert [i["resource"]["id"] for i in found["resources"]["items"]] == ["kb-6"]


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/v1/roles/finnes-ikke/difference", {"to": "sykepleier"}, 404),
        ("/v1/roles/sykepleier/difference", {"to": "finnes-ikke"}, 404),
        ("/v1/roles/sykepleier/difference", {}, 422),
    ],
)
def test_what_cannot_be_answered_is_a_problem(site, path, params, status):
    answer = site.get(path, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("nb", ("Nye krav", "Kreves sterkere")),
        ("nn", ("Nye krav", "Sterkare krav")),
        ("en", ("New requirements", "Asked more strongly")),
    ],
)
def test_the_page_shows_it_in_three_languages(home_care, lang, words):
    page = home_care.get("/rolle/hjemmesykepleier/forskjell", params={"til": "sykepleier", "lang": lang})
    assert page.status_code == 200
    assert all(word in page.text for word in words)
    assert 'scope="row"' in page.text
    assert "NEWS2 i praksis" in page.text
    choose = home_care.get("/rolle/hjemmesykepleier/forskjell", params={"lang": lang})
    assert choose.status_code == 200
    assert "<table" not in choose.text


def test_the_page_of_a_role_leads_to_it(site):
    assert 'href="/rolle/sykepleier/forskjell"' in site.get("/rolle/sykepleier").text
    assert site.get("/rolle/sykepleier/forskjell", params={"til": "finnes-ikke"}).status_code == 404
