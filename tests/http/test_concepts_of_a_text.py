"""A text in, ranked concepts out, each with the words that made it (B1, B2, B4, B7)."""

from small_bank import WRITER

TEXT = {
    "title": "Forebygging av fall",
    "text": "Eldre faller ofte. Trykksår og underernæring øker risikoen for fall.",
}


def suggest(site, **fields):
    answer = site.post("/v1/concepts/suggest", json=TEXT | fields)
    assert answer.status_code == 200
    return answer.json()["concepts"]


def test_concepts_come_best_first_with_the_words_that_made_them(site):
    found = suggest(site)
    assert found[0]["concept"] == "tema/fallforebygging"
    assert [c["score"] for c in found] == sorted((c["score"] for c in found), reverse=True)
    for concept in found:
        assert concept["spans"]
        for span in concept["spans"]:
            text = TEXT["title"] if span["field"] == "title" else TEXT["text"]
            assert text[span["start"] : span["end"]].strip()


def test_a_higher_threshold_and_a_limit_return_fewer(site):
    everything = suggest(site, threshold=0.1)
    assert len(suggest(site, threshold=0.5)) < len(everything)
    assert len(suggest(site, threshold=0.1, limit=1)) == 1


def test_an_excluded_concept_or_scheme_is_not_proposed(site):
    assert "tema/fallforebygging" not in {
        c["concept"] for c in suggest(site, exclude=["tema/fallforebygging"])
    }
    assert not [c for c in suggest(site, exclude=["tema"]) if c["concept"].startswith("tema/")]


def test_labels_come_in_the_language_asked_for(site):
    assert suggest(site, lang="en")[0]["label"] == "fall prevention"


def test_a_threshold_that_is_none_is_refused_with_a_problem(site):
    answer = site.post("/v1/concepts/suggest", json={"threshold": 2})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_audience_patients_arena_level_and_type_stand_apart_each_with_its_rule(site):
    title = "Grunnkurs: e-læring om demens for helsefagarbeidere på sykehjem"
    answer = site.post("/v1/concepts/suggest", json={"title": title}).json()
    assert {column: [p["concept"] for p in answer[column]] for column in answer if column != "concepts"} == {
        "audience": ["rolle/helsefagarbeider"],
        "patient_groups": ["malgruppe/personer-demens", "malgruppe/beboere-sykehjem"],
        "arenas": ["arena/sykehjem"],
        "level": ["niva/grunnleggende"],
        "resource_type": ["ressurstype/e-laeringskurs"],
    }
    (reader,) = answer["audience"]
    assert reader["rule"] == "after “for” in the title"
    assert reader["origin"] == "automatic"
    (span,) = reader["spans"]
    assert title[span["start"] : span["end"]] == "helsefagarbeidere"


def test_an_excluded_scheme_is_left_out_of_the_facets_too(site):
    answer = site.post("/v1/concepts/suggest", json={"title": "Film for leger", "exclude": ["rolle"]}).json()
    assert answer["audience"] == []
    assert answer["resource_type"]


def test_proposals_for_a_resource_leave_out_what_its_source_states(own_site):
    record = {"id": "p-1", "title": "Film for pårørende om demens", "audience": ["lege"], "level": "avansert"}
    written = own_site.post("/v1/resources", json=[record], headers={"Authorization": f"Bearer {WRITER}"})
    assert written.json()["added"] == ["p-1"]
    found = own_site.get("/v1/resources/p-1/proposals").json()
    assert found["audience"] == []
    assert found["level"] == []
    assert [p["concept"] for p in found["patient_groups"]] == ["malgruppe/personer-demens"]
    assert [p["concept"] for p in found["resource_type"]] == ["ressurstype/film"]
    assert "resource_type" not in own_site.get("/v1/resources/p-1").json()


def test_proposals_for_a_resource_that_is_not_there_are_a_problem(site):
    answer = site.get("/v1/resources/no-such/proposals")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
