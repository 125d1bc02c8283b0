"""Editors see duplicates over HTTP, with a key; what local keys may not see or rule on is refused."""

import pytest

from engine.model import Resource
from small_bank import LOCAL, READER, WRITER

WRITE = {"Authorization": f"Bearer {WRITER}"}
LIST, COMPARE, NOT = "/v1/editor/duplicates", "/v1/editor/compare", "/v1/editor/not-duplicates"
TEXT = (
    "Tell pusten i et helt minutt, mål blodtrykk og temperatur, og ring når skåren er fem eller mer enn det. "
    * 3
)


@pytest.fixture
def twins(own_bank, own_site):
    own_bank.write_resources(
        [
            Resource("t-1", "Skår og ring", body=TEXT),
            Resource("t-2", "Skår og ring", body=TEXT.replace("fem", "sju"), edition="ahus"),
            Resource("t-3", "Utkast", body=TEXT + " Og mer.", edition="oslo", status="draft"),
        ],
        by="test",
    )
    return own_site


def groups(site, key=WRITER, **params):
    answer = site.get(LIST, params=params, headers={"X-API-Key": key})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


def test_groups_have_class_evidence_and_action_in_three_languages(twins):
    (group,) = [
        g for g in groups(twins, edition="ahus")["groups"] if "t-1" in {m["id"] for m in g["members"]}
    ]
    assert (group["kind"], group["action"], group["kept"]) == ("near_copy", "compare_and_merge", "t-1")
    pair = next(p for p in group["pairs"] if (p["a"], p["b"]) == ("t-1", "t-2"))
    assert pair["evidence"]["numbers_a"] == []
    labels = {
        lang: groups(twins, lang=lang, edition="ahus")["groups"][0]["action_label"]
        for lang in ("nb", "nn", "en")
    }
    assert len(set(labels.values())) == 3
    assert groups(twins, limit=1, offset=1000)["groups"] == []
    assert groups(twins, kind="translation")["total"] <= groups(twins)["total"]


def test_two_texts_stand_side_by_side(twins):
    answer = twins.get(COMPARE, params={"a": "t-1", "b": "t-2"}, headers=WRITE).json()
    assert "".join(s["a"] for s in answer["segments"]).count("fem") == 3
    changed = [(s["a"], s["b"]) for s in answer["segments"] if s["kind"] != "same"]
    assert changed == [("fem", "sju")] * 3
    for segment in answer["segments"]:
        assert TEXT[segment["a_start"] :].startswith(segment["a"])
    assert answer["pair"]["kind"] == "near_copy"
    assert answer["pair"]["reasons"]


def test_a_pair_that_is_no_duplicate_leaves_the_list_until_it_is_taken_back(twins, own_bank):
    pair = {"a": "t-2", "b": "t-1"}
    own_bank.withdraw("t-3", by="test")
    assert any(g["kept"] == "t-1" for g in groups(twins)["groups"])
    answer = twins.put(NOT, params=pair, json={"reason": "ulik skår"}, headers=WRITE)
    assert (answer.status_code, answer.json()["holds"], answer.json()["by"]) == (200, True, "redaksjon")
    assert not any(g["kept"] == "t-1" for g in groups(twins)["groups"])
    compared = twins.get(COMPARE, params=pair, headers=WRITE).json()
    assert compared["pair"]["not_duplicate"]["reason"] == "ulik skår"
    assert twins.delete(NOT, params=pair, headers=WRITE).status_code == 204
    assert any(g["kept"] == "t-1" for g in groups(twins)["groups"])
    assert twins.delete(NOT, params=pair, headers=WRITE).status_code == 404


def test_drafts_of_other_editions_are_not_shown(twins):
    assert "t-3" in str(groups(twins))
    assert "t-3" not in str(groups(twins, key=LOCAL))
    answer = twins.get(COMPARE, params={"a": "t-1", "b": "t-3"}, headers={"X-API-Key": LOCAL})
    assert answer.status_code == 404
    assert "Utkast" not in answer.text


def test_a_local_editor_rules_on_pairs_with_the_own_edition_only(twins):
    own = twins.put(NOT, params={"a": "t-1", "b": "t-2"}, json={}, headers={"X-API-Key": LOCAL})
    assert own.status_code == 200
    foreign = twins.put(NOT, params={"a": "t-1", "b": "kb-1"}, json={}, headers={"X-API-Key": LOCAL})
    assert (foreign.status_code, foreign.headers["content-type"]) == (403, "application/problem+json")


@pytest.mark.parametrize(("url", "params"), [(LIST, {}), (COMPARE, {"a": "kb-1", "b": "kb-2"})])
def test_without_a_writer_key_nothing_is_shown(site, url, params):
    assert site.get(url, params=params).status_code == 401
    assert site.get(url, params=params, headers={"X-API-Key": READER}).status_code == 403


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"a": "kb-1", "b": "kb-1"}, 400),
        ({"a": "kb-1", "b": "nei"}, 404),
        ({"a": "kb-1"}, 422),
        ({"a": "kb-1", "b": "\0"}, 404),
    ],
)
def test_what_cannot_be_compared_is_a_problem(site, params, status):
    answer = site.get(COMPARE, params=params, headers=WRITE)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
