"""Before one writes: a title that is typed meets the texts that are there, and leaves no trace."""

import json
import logging

import pytest

from small_bank import LOCAL, READER, RESOURCES, WRITER

PREVIEW = "/v1/editor/preview"
KB1 = next(r for r in RESOURCES if r.id == "kb-1")


def ask(site, title, key=WRITER, lang="nb", **more):
    answer = site.post(
        PREVIEW, json={"title": title, **more}, params={"lang": lang}, headers={"X-API-Key": key}
    )
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json()


def kinds(answer):
    return {e["id"]: [why["kind"] for why in e["why"]] for e in answer["existing"]}


def test_the_same_name_is_to_be_confirmed_and_says_who_has_it(site):
    found = ask(site, "  fallforebygging i SYKEHJEM ", language="nb")
    first = found["existing"][0]
    assert (found["level"], found["headline"]) == (
        "confirm",
        "Det finnes allerede en tekst med dette navnet.",
    )
    assert (first["id"], first["owner"], first["status_label"]) == ("kb-1", KB1.provider, "publisert")
    assert (first["language_label"], first["edition_label"]) == ("bokmål", "felles innhold")
    assert first["review"] == {"due": "2028-03-01", "expired": False, "label": "innenfor revisjonsdato"}
    assert first["why"][0]["sentence"] == "«Fallforebygging i sykehjem» heter det samme."
    assert ask(site, KB1.title, language="nb", edition="ahus")["existing"][0]["level"] == "look"
    assert "kb-1" not in kinds(ask(site, KB1.title, language="nb", id="kb-1"))


def test_the_same_words_in_another_order_or_written_form_are_nearly_the_same_name(site):
    assert kinds(ask(site, "Forebygging av fall på sykehjem", language="nb"))["kb-1"][0] == "near_name"
    nynorsk = kinds(ask(site, "Førebygging av fall på sjukeheimar", language="nn"))
    assert (nynorsk["kb-1"][0], nynorsk["kb-4"][0]) == ("translation", "near_name")
    assert kinds(ask(site, "Sårstell ved brannskader"))["kb-9"] == ["same_topic"]


def test_what_it_would_serve_and_be_about_is_told_with_who_asks_for_it(site):
    found = ask(site, "Fallforebygging for nyansatte", language="nb")
    assert found["concepts"][0]["concept"] == "tema/fallforebygging"
    (serves,) = (q for q in found["requirements"] if q["requirement"] == "krav-fall")
    assert (serves["plans"], serves["roles"], serves["resources"]) == (1, 1, 1)
    assert serves["sentence"] == (
        "Vil trolig dekke «fallforebygging», som 1 plan og 1 rolle spør etter. I dag 1 tekst på bokmål."
    )
    english = ask(site, "Fallforebygging for nyansatte", lang="en", language="en")
    assert english["requirements"][0]["sentence"].endswith("Today none in English.")


def test_a_text_is_compared_with_the_texts_that_are_there(site):
    found = ask(site, "Et helt annet navn", text=f"{KB1.summary}\n\n{KB1.body}", language="nb")
    mine = next(e for e in found["existing"] if e["id"] == "kb-1")
    assert mine["why"][0]["kind"] == "same_text"
    assert mine["evidence"]


def test_a_key_of_an_edition_is_told_of_no_drafts_of_others(site):
    title = "Utkast om sepsis"
    assert "kb-10" in kinds(ask(site, title, language="nb"))
    assert "kb-10" not in kinds(ask(site, title, key=LOCAL, language="nb"))


@pytest.mark.parametrize("lang", ["nb", "nn", "en"])
def test_nothing_typed_or_nothing_like_it_is_said_in_words(site, lang):
    said = {"nb": "Skriv en tittel.", "nn": "Skriv ein tittel.", "en": "Type a title."}
    assert ask(site, "  ", lang=lang)["headline"] == said[lang]
    nothing = ask(site, "qwrtzx", lang=lang)
    assert (nothing["existing"], nothing["level"]) == ([], None)
    assert nothing["headline"]


def test_nothing_of_what_is_typed_is_stored_or_logged(own_site, own_bank, own_folder, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "zxqvw hemmelig arbeidstittel"
    ask(own_site, secret, text=f"{secret} " * 40)
    own_bank.close()
    assert all(b"zxqvw" not in file.read_bytes() for file in own_folder.rglob("*") if file.is_file())
    assert "zxqvw" not in json.dumps([r.getMessage() for r in caplog.records])


def test_it_takes_a_writers_key_and_known_fields(site):
    for key, status in ((None, 401), (READER, 403)):
        answer = site.post(PREVIEW, json={"title": "x"}, headers={"X-API-Key": key} if key else {})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    for body in ({"title": "x" * 501}, {"title": "x", "navn": "y"}, {"title": "x", "language": "de"}):
        assert site.post(PREVIEW, json=body, headers={"X-API-Key": WRITER}).status_code == 422


def write(site, record, **params):
    return site.post("/v1/resources", json=record, params=params, headers={"X-API-Key": WRITER})


def test_a_new_resource_of_a_name_that_is_taken_is_asked_about(own_site):
    new = {"id": "ny-1", "title": "FALLFOREBYGGING  i sykehjem", "language": "nb"}
    refused = write(own_site, new)
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (409, "same-name")
    assert refused.json()["errors"][0]["field"] == "title"
    assert "kb-1 has the same title" in refused.json()["detail"]
    assert write(own_site, {**new, "edition": "ahus"}).json()["warnings"] == []
    assert write(own_site, {**new, "id": "ny-2", "language": "nn"}).status_code == 200
    written = write(own_site, {**new, "id": "ny-3"}, same_name="accept").json()
    assert [(w["field"], w["message"]) for w in written["warnings"]] == [
        ("title", "kb-1 has the same title, language and edition")
    ]
    again = write(own_site, {**new, "id": "ny-3", "summary": "En ny ingress."})  # it is known: nothing to ask
    assert (again.status_code, again.json()["warnings"]) == (200, [])


def test_many_at_once_are_written_and_warned_of(own_site):
    records = [{"id": f"m-{n}", "title": "Håndhygiene" if n else "Noe helt nytt"} for n in range(3)]
    report = write(own_site, records).json()
    assert (len(report["added"]), report["errors"]) == (3, [])
    assert [(w["index"], w["message"]) for w in report["warnings"]] == [
        (1, "kb-8, m-2 have the same title, language and edition"),
        (2, "kb-8, m-1 have the same title, language and edition"),
    ]
    assert write(own_site, records).json()["warnings"] == []
    put = own_site.put("/v1/resources/p-1", json={"title": "Håndhygiene"}, headers={"X-API-Key": WRITER})
    assert (put.status_code, len(put.json()["warnings"])) == (201, 1)
