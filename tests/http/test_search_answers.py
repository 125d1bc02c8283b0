"""What is promised of a hit and of no hit: marks, reasons, explanations, completions and ways out, on either engine."""

import html
import itertools
import re
import statistics
import time

import pytest

from engine.model import SearchRequest
from rows_bank import RESOURCES, SUBJECTS, TWO_ABOVE

HTML = {"Accept": "text/html", "Accept-Language": "nb"}


def search(site, **params):
    answer = site.get("/v1/search", params={"k": 100, "edition": "alle", **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


def hit(answer, resource_id):
    return next(h for h in answer["hits"] if h["resource"]["id"] == resource_id)


def found(answer):
    return {h["resource"]["id"] for h in answer["hits"]}


def marked(hit_):
    return {t["text"][a:b].lower() for t in hit_["highlights"] for a, b in t["marks"]}


def suggest(site, q, **params):
    return site.get("/v1/suggest", params={"q": q, **params}).json()["suggestions"]


# what is marked


@pytest.mark.parametrize(
    ("text", "resource_id", "words"),
    [
        ("kreft i brystet", "w-kreft", {"kreft", "brystet"}),
        ("kreft i brystet", "w-brystkreft", {"brystkreft"}),
        ("sjukeheim", "w-sykehjem", {"sykehjem"}),
        ("sjukeheim", "w-home", {"nursing", "home"}),
        ("sykehjem", "w-sjukeheim", {"sjukeheim", "sjukeheimen"}),
        ("nursing home", "w-sykehjem", {"sykehjem"}),
        ("sykepleier", "w-roles", {"sykepleierne", "sjukepleiarane", "sykepleierens"}),
        ("sjukepleiarar", "w-roles", {"sykepleierne", "sjukepleiarane", "sykepleierens"}),
        ("e-læring", "w-hyphen", {"e-læring"}),
        ("elæring", "w-hyphen", {"e-læring"}),
        ("fall", "w-html", {"fall"}),
    ],
)
def test_the_words_that_met_are_marked_in_any_written_form(rows_site, text, resource_id, words):
    hit_ = hit(search(rows_site, q=text, mode="lexical"), resource_id)
    assert marked(hit_) >= words
    assert words & set(hit_["reason"]["words"])


def test_marks_are_of_words_that_say_something_and_html_is_the_text(rows_site):
    for text in ("fall", "kreft i brystet", "sjukeheim", "nursing home", "script fall"):
        for hit_ in search(rows_site, q=text)["hits"]:
            assert not marked(hit_) & {"i", "a", "in", "og", "på"}
            for piece in hit_["highlights"]:
                spans = piece["marks"]
                assert spans == sorted(spans)
                assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
                parts = re.split("</?mark>", piece["html"])
                assert not re.search("[<>]", "".join(parts))
                assert html.unescape("".join(parts)) == piece["text"]
                inside = [html.unescape(p) for p in parts[1::2]]
                assert inside == [piece["text"][a:b] for a, b in spans]


# which forms meet


@pytest.mark.parametrize(
    "form", ["sykepleier", "sykepleiere", "sykepleieren", "sykepleierne", "sykepleierens", "sjukepleiar",
             "sjukepleiarar", "sjukepleiaren", "sjukepleiarane", "Sjukepleiaranes"],
)  # fmt: skip
def test_forms_of_a_profession_meet(rows_site, form):
    assert "w-roles" in found(search(rows_site, q=form, mode="lexical"))


@pytest.mark.parametrize("text", ["sjukeheim", "sykehjem", "nursing home", "nursing homes"])
def test_one_written_form_finds_the_others_through_the_concept(rows_site, text):
    assert {"w-sykehjem", "w-sjukeheim", "w-home"} <= found(search(rows_site, q=text, mode="lexical"))


@pytest.mark.parametrize("text", ["brystkreft", "kreft i brystet", "brystkreften"])
def test_a_compound_and_its_words_find_each_other(rows_site, text):
    assert {"w-kreft", "w-brystkreft"} <= found(search(rows_site, q=text, mode="lexical"))


# why a hit


QUERIES = [
    "fall eldre",
    "sjukeheim",
    "demens minne",
    "nursing home night",
    "ernæring sykdom",
    "kreft i brystet",
]


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "semantic"])
@pytest.mark.parametrize("text", QUERIES)
def test_the_parts_of_a_score_add_up_and_name_the_words(rows_site, text, mode):
    plain = search(rows_site, q=text, mode=mode)
    explained = search(rows_site, q=text, mode=mode, explain=1)
    assert [h["score"] for h in explained["hits"]] == pytest.approx(
        [h["score"] for h in plain["hits"]], abs=1e-9
    )
    for hit_ in explained["hits"]:
        parts = hit_["explanation"]["parts"]
        assert abs(sum(p["value"] for p in parts) - hit_["score"]) < 1e-9
        assert hit_["explanation"]["total"] == hit_["score"]
        names = [p["name"] for p in parts]
        assert len(names) == len(set(names))
        if mode == "semantic":
            assert names[0] == "words"
        elif hit_["reason"]["words"]:
            words = [p for p in parts if p["name"].startswith(("word:", "about:", "narrower:"))]
            assert words
            assert all(p["value"] > 0 for p in words)
    if mode == "lexical":  # what no word gave is the same for all
        rest = {p["name"]: p["value"] for h in explained["hits"] for p in h["explanation"]["parts"]}
        for hit_ in explained["hits"]:
            own = {p["name"]: p["value"] for p in hit_["explanation"]["parts"]}
            assert own["average of all"] == pytest.approx(rest["average of all"], abs=1e-3)


def test_a_rare_word_gives_more_than_a_common_one(rows_site):
    parts = {p["name"]: p["value"]
             for p in hit(search(rows_site, q="kreft kurs", explain=1, mode="lexical"), "w-kreft")["explanation"]["parts"]}  # fmt: skip
    both = hit(search(rows_site, q="natt vakt sykehjem", explain=1, mode="lexical"), "w-sykehjem")
    gave = {p["name"]: p["value"] for p in both["explanation"]["parts"]}
    assert "word:kreft" in parts
    assert gave["word:sykehjem"] > 0
    assert gave["word:natt"] > 0


@pytest.mark.parametrize(
    ("lang", "start", "words", "about", "under", "near"),
    [
        ("nb", "Treff fordi ressursen ", "inneholder «", "handler om ", "hører under", "ligner på søket i innhold"),
        ("nn", "Treff fordi ressursen ", "inneheld «", "handlar om ", "høyrer under", "liknar på søket i innhald"),
        ("en", "Found because the resource ", "contains «", "is about ", "part of", "close to the search in meaning"),
    ],
)  # fmt: skip
def test_every_hit_has_a_sentence_in_the_readers_language(rows_site, lang, start, words, about, under, near):
    seen = []
    for text in [*QUERIES, "alzheimers sykdom", "dementia"]:
        for hit_ in search(rows_site, q=text, lang=lang)["hits"]:
            reason = hit_["reason"]
            assert reason["words"] or reason["concepts"] or reason["similarity"] is not None
            assert reason["sentence"].startswith(start)
            assert reason["sentence"].endswith(".")
            assert (words in reason["sentence"]) == bool(reason["words"])
            assert (about in reason["sentence"]) == bool(reason["concepts"])
            assert (near in reason["sentence"]) == (reason["similarity"] is not None)
            seen.append(reason["sentence"])
    assert any(under in s for s in seen), "no hit was found by a narrower concept"
    assert search(rows_site, lang=lang, k=1)["hits"][0]["reason"]["words"] == []


def test_a_hit_of_a_narrower_concept_says_under_which_it_belongs(rows_site):
    hit_ = hit(search(rows_site, q="demens", mode="lexical"), "w-alzheimer")
    assert "hører under demens" in hit_["reason"]["sentence"]
    assert [c["id"] for c in hit_["reason"]["concepts"]] == ["tilstand/alzheimer"]


# what they might be typing


def test_two_letters_give_concepts_roles_and_resources(rows_site):
    assert suggest(rows_site, "s") == []
    assert suggest(rows_site, " s ") == []
    assert {s["kind"] for s in suggest(rows_site, "sy", k=12)} == {"concept", "role", "resource"}


def test_any_word_may_be_begun_and_each_name_stands_once(rows_site):
    assert "Kreft i brystet" in [s["label"] for s in suggest(rows_site, "brys", k=20)]
    assert "Kreft i brystet" in [s["label"] for s in suggest(rows_site, "kreft i br", k=20)]
    assert any(s["id"] == "arena/sykehjem" for s in suggest(rows_site, "nursing h", lang="en"))
    for typed in ("fa", "sy", "he", "de", "sår", "legem"):
        names = [
            (s["kind"], s["label"].lower())
            for s in suggest(rows_site, typed, k=20)
            if s["kind"] != "resource"
        ]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("typed", "label"),
    [("sykelpei", "sykepleier"), ("skykepl", "sykepleier"), ("sykpeleier", "sykepleier"), ("demnes", "demens"),
     ("diabettes", "diabetes"), ("alzheimr sy", "Alzheimers sykdom"), ("brystkerft", "brystkreft"),
     ("saarst", "sårstell")],
)  # fmt: skip
def test_a_mistyped_beginning_is_completed(rows_site, typed, label):
    offered = suggest(rows_site, typed)
    assert label.lower() in {s[part].lower() for s in offered for part in ("label", "detail")}, offered


def test_a_mistyped_title_is_completed_and_nothing_from_elsewhere(rows_site):
    assert "Kreft i brystet" in [s["label"] for s in suggest(rows_site, "krfet i bry")]
    assert suggest(rows_site, "xqzvw") == []
    local = next(r for r in RESOURCES if r.edition == "oslo")
    typed = local.title.lower()
    assert local.id in {s["id"] for s in suggest(rows_site, typed, edition="oslo", k=20)}
    assert local.id not in {s["id"] for s in suggest(rows_site, typed, k=20)}


def test_a_completion_takes_less_than_20_ms(rows):
    times = []
    for typed in [
        "sy",
        "sykepl",
        "sykelpei",
        "demnes",
        "fall i pr",
        "xqzvwplorft",
        "alzheimr sykdo",
        "kreft i bry",
    ] * 3:
        start = time.thread_time()
        rows.suggest(typed)
        times.append(time.thread_time() - start)
    assert statistics.median(times) < 0.02


# what helps when nothing was found


NOTHING = [
    {"q": "brystkreft", "theme": "munnhelse", "audience": "lege", "mode": "lexical"},
    {"q": "sepsis", "theme": TWO_ABOVE, "max_duration": 1, "reviewed_since": "2020-01-01"},
    {"q": "demens", "published_since": "2100-01-01"},
    {"q": "kreft", "review": "expired", "krav": "krav-fall", "mode": "lexical"},
    {"q": "brystkerft", "audience": "lege", "mode": "lexical"},
    {"q": "sykehjem", "language": "se"},
    {"q": '"brystet i kreft"', "mode": "lexical"},
    {"q": "brystkreft -svulster -pakkeforløp", "mode": "lexical"},
    {"q": "demensomsorgsfilm for ufoer", "mode": "lexical", "language": "se"},
]


@pytest.mark.parametrize("asked", NOTHING, ids=lambda a: a["q"])
def test_each_way_out_leads_to_as_many_hits_as_it_says(rows_site, asked):
    answer = rows_site.get("/v1/search", params=asked).json()
    assert answer["total"] == 0
    assert answer["ways_out"]
    for way in answer["ways_out"]:
        assert rows_site.get(f"/v1/search?{way['query']}").json()["total"] == way["total"] > 0
        assert ("mode=lexical" in way["query"]) == ("mode" in asked)
    page = rows_site.get("/", params=asked, headers=HTML).text
    shown = re.findall(r'<li><a class="ds-link" href="([^"]+)">[^<]+</a> \((\d+) treff\)', page)
    assert [int(n) for _, n in shown] == [w["total"] for w in answer["ways_out"]]
    for href, number in shown:
        there = rows_site.get(html.unescape(href), headers=HTML).text
        assert re.search(rf'id="antall">{number} treff', there), href


def test_ways_out_drop_a_filter_go_to_another_edition_or_a_concept_or_mend_the_word(rows_site, rows):
    def ways(**asked):
        return {
            (w["kind"], w["name"], w["value"])
            for w in rows_site.get("/v1/search", params=asked).json()["ways_out"]
        }

    both = ways(q="brystkreft", theme="munnhelse", audience="lege", mode="lexical")
    assert ("drop_filters", "", "") in both
    assert ("drop_filter", "published_since", "") in ways(q="demens", published_since="2100-01-01")
    assert any(w[0] == "did_you_mean" for w in ways(q="brystkerft", audience="lege", mode="lexical"))
    assert any(
        w[0] == "concept" for w in ways(q="sykehjem demens", language="se", published_since="2100-01-01")
    )
    assert ("plain_words", "q", "brystet i kreft") in ways(q='"brystet i kreft"', mode="lexical")
    # a search whose only answers are another edition's
    local = [r for r in RESOURCES if r.edition == "oslo" and r.duration == 240]
    assert local
    assert all(r.edition != "felles" for r in RESOURCES if r.title == local[0].title and r.duration == 240 and r.provider == local[0].provider)  # fmt: skip
    subject = next(s for s in SUBJECTS if local[0].title.lower().startswith(s))
    asked = {"q": subject, "duration": "61-", "provider": local[0].provider or "none", "mode": "lexical",
             "level": local[0].level or "none", "language": local[0].language,
             "resource_type": local[0].resource_type or "none"}  # fmt: skip
    assert rows.search(SearchRequest(subject)).total
    assert ("other_edition", "edition", "oslo") in ways(**asked)


def test_there_are_no_ways_out_of_hits_and_none_from_gibberish(rows_site):
    assert search(rows_site, q="fall")["ways_out"] == []
    assert rows_site.get("/v1/search", params={"q": "xqzvw plorft"}).json()["ways_out"] == []


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "semantic"])
def test_a_review_date_that_has_passed_is_said_and_demotes(rows_site, mode):
    hits = search(rows_site, q="hoftebrudd hos voksne", mode=mode)["hits"]
    twins = [(h["resource"]["id"], h["review_expired"]) for h in hits if "w-twin" in h["resource"]["id"]]
    assert twins == [("w-twin-b", False), ("w-twin-a", True)]
    page = rows_site.get("/?q=hoftebrudd+hos+voksne", headers=HTML).text
    shown = page.partition('id="resultat"')[2]
    assert "Revisjonsdato utløpt" in shown.partition("</article>")[2]
    assert "Revisjonsdato utløpt" not in shown.partition("</article>")[0]


# what the page offers


def test_the_page_offers_how_lately_a_resource_must_have_been_seen_to(rows_site):
    page = rows_site.get("/?q=fall", headers=HTML).text
    picker = re.search(r'<select[^>]*name="reviewed_since">(.*?)</select>', page, re.DOTALL).group(1)
    offered = dict(re.findall(r'value="([^"]*)"[^>]*>([^<]+)<', picker))
    assert offered == {"": "Når som helst", "2025-11-21": "Siste 12 måneder", "2024-11-21": "Siste 24 måneder",
                       "2023-11-21": "Siste 36 måneder"}  # fmt: skip
    for value in ("2024-11-21", "2024-02-01"):
        chosen = rows_site.get("/", params={"q": "fall", "reviewed_since": value}, headers=HTML).text
        total = rows_site.get("/v1/search", params={"q": "fall", "reviewed_since": value}).json()["total"]
        assert f'<option value="{value}" selected>' in chosen
        assert f'id="antall">{total} treff' in chosen
        assert 'type="hidden" name="reviewed_since"' not in chosen


def test_wishes_that_the_text_says_are_told_and_can_be_made_filters(rows_site):
    answer = rows_site.get("/v1/search", params={"q": "film om demens", "lang": "nb"}).json()
    assert ("resource_type", "film", "film") in {
        (u["facet"], u["value"], u["text"]) for u in answer["understood"]
    }
    page = rows_site.get("/?q=film+om+demens", headers=HTML).text
    line = re.search(r'<p class="meant">Vis bare: (.*?)</p>', page).group(1)
    href, number = re.search(r'href="([^"]+)">film</a> \((\d+) treff\)', line).groups()
    there = rows_site.get(html.unescape(href), headers=HTML).text
    assert re.search(rf'id="antall">{number} treff', there)
    assert "Vis bare" not in there


def test_an_empty_field_of_the_form_is_one_that_was_not_filled_in(rows_site):
    empty = {
        "reviewed_since": "",
        "published_since": "",
        "max_duration": "",
        "edition": "",
        "sort": "relevance",
    }
    for path in ("/", "/v1/search"):
        answer = rows_site.get(path, params={"q": "fall", **empty})
        assert answer.status_code == 200
    assert answer.json()["total"] == rows_site.get("/v1/search", params={"q": "fall"}).json()["total"] > 0
