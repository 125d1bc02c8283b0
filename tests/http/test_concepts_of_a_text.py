"""A text in, ranked concepts out, each with the words that made it (B1, B2, B4, B7)."""

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
