"""Records of many writings become the same resource; what will not do is named by the source's own name."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records import resource_from_record, resource_to_record
from indexer.field_names import field_of
from indexer.labels import LabelReader
from indexer.normalise import Normaliser
from indexer.plain_text import plain_line, plain_text
from indexer.quantities import parse_date, parse_flag, parse_minutes
from vocab.vocabulary import open_vocabulary

BODY = (
    "Fall er vanlig blant eldre på sykehjem. Kartlegg risikoen sammen med pasienten, se på sko, lys og "
    "løse tepper, og gå gjennom legemidlene med legen. Tren styrke og balanse to ganger i uken."
)


@pytest.fixture(scope="module")
def normaliser() -> Normaliser:
    return Normaliser(open_vocabulary(), {"krav": {"fkm-1"}, "rolle": {"lis3-nuk"}})


def good(normaliser: Normaliser, **record: object):
    found = normaliser.normalise({"id": "k-1", "title": "Fall", "language": "nb", **record})
    assert found.resource is not None, found.doubts
    return found


def test_norwegian_field_names_and_labels_become_ids(normaliser: Normaliser) -> None:
    found = normaliser.normalise({
        "ID": "k-1", "Tittel": "Forebygge fall", "Ingress": "Kort.", "Brødtekst": BODY, "Språk": "norsk bokmål",
        "Ressurstype": "e-læring", "Målgruppe": "sykepleiere|helsefagarbeidarar|pårørende", "Nivå": "Grunnleggende",
        "Varighet": "45 min", "Sist oppdatert": "21.11.2026", "Publisert": "1. mai 2020", "Utgave": "Østfold",
        "Status": "publisert", "Tema": "fallforebygging", "Eksempel": "nei", "Arena": "hjemmesykepleie",
    })  # fmt: skip
    r = found.resource
    assert r is not None, found.doubts
    assert found.doubts == ()
    assert (r.resource_type, r.level, r.duration, r.edition) == (
        "e-laeringskurs",
        "grunnleggende",
        45,
        "ostfold",
    )
    assert r.audience == ("sykepleier", "helsefagarbeider")
    assert r.audience_group == ("parorende",)
    assert r.arena == ("hjemmetjeneste",)
    assert (r.updated, r.published) == (date(2026, 11, 21), date(2020, 5, 1))
    assert len(r.themes) == 1


@pytest.mark.parametrize(
    ("field", "given_", "expected"),
    [
        ("resource_type", "lov", "lovtekst"),
        ("resource_type", "eLearning", "e-laeringskurs"),
        ("resource_type", "forskrift", "lovtekst"),
        ("resource_type", "https://w3id.org/kompetansegraf/ressurstype/film", "film"),
        ("resource_type", "ressurstype/film", "film"),
        ("resource_type", "Videoer", "film"),
        ("level", "viderekommen", "videregaende"),
        ("provider", "  Helse &amp;\n omsorg ", "Helse & omsorg"),
        ("url", " https://eksempel.no/a ", "https://eksempel.no/a"),
        ("edition", "Felles", "felles"),
        ("status", "Arkivert", "archived"),
        ("language", "nn-NO", "nn"),
        ("duration", "PT1H30M", 90),
        ("sample", "ja", True),
    ],
)  # fmt: skip
def test_values_are_read_in_the_usual_forms(
    normaliser: Normaliser, field: str, given_: str, expected: object
) -> None:
    assert getattr(good(normaliser, **{field: given_}).resource, field) == expected


def test_an_unknown_label_stays_as_given_with_a_warning(normaliser: Normaliser) -> None:
    found = good(normaliser, målgruppe=["sykepleier", "romfarer"])
    assert found.resource is not None
    assert found.resource.audience == ("sykepleier", "romfarer")
    assert [(d.name, d.error) for d in found.doubts] == [("målgruppe", False)]
    assert "'romfarer' is not known in rolle" in found.doubts[0].reason


def test_names_that_plans_know_are_right(normaliser: Normaliser) -> None:
    found = good(normaliser, teaches=["fkm-1"], audience=["lis3-nuk"])
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"tittel": "Fall"}, "id"),
        ({"id": "k-1"}, "title"),
        ({"id": "k-1", "tittel": 12.5}, "tittel"),
        ({"id": "k-1", "tittel": "Fall", "varighet": "lenge"}, "varighet"),
        ({"id": "k-1", "tittel": "Fall", "varighet": "1:30"}, "varighet"),
        ({"id": "k-1", "tittel": "Fall", "varighet": -3}, "varighet"),
        ({"id": "k-1", "tittel": "Fall", "publisert": "i fjor"}, "publisert"),
        ({"id": "k-1", "tittel": "Fall", "publisert": "31.02.2026"}, "publisert"),
        ({"id": "k-1", "tittel": "Fall", "status": "kanskje"}, "status"),
        ({"id": "k-1", "tittel": "Fall", "språk": "klingonsk"}, "språk"),
        ({"id": "k-1", "tittel": "Fall", "tema": {"a": 1}}, "tema"),
        ({"id": "k-1", "tittel": "Fall", "tema": [["a"]]}, "tema"),
        ({"id": "k-1", "tittel": "Fall", "lenke": "javascript:alert(1)"}, "lenke"),
        ({"id": "k-1", "tittel": "Fall", "eksempel": "kanskje"}, "eksempel"),
        ({"id": "k-1", "tittel": "Fall", "tekst": ["a"]}, "tekst"),
        ({"id": "k-1", "tittel": "Fall", "utgave": "!!"}, "utgave"),
        ({"id": "x" * 600, "tittel": "Fall"}, "id"),
        ({"id": "k-1", "tittel": "x" * 3000}, "tittel"),
        ({"id": "k-1", "tittel": "Fall \ud800"}, "tittel"),
    ],
)
def test_a_value_that_will_not_do_is_named_as_the_source_names_it(normaliser, record, field: str) -> None:
    found = normaliser.normalise(record)
    assert found.resource is None
    assert [d.name for d in found.doubts if d.error] == [field]


def test_off_a_page_a_value_that_will_not_do_is_left_out(normaliser: Normaliser) -> None:
    record = {"id": "k-1", "title": "Fall", "duration": "lenge", "updated": "i fjor", "language": "nb"}
    found = normaliser.normalise(record, strict=False)
    assert found.resource is not None
    assert (found.resource.duration, found.resource.updated) == (None, None)
    assert [(d.name, d.error) for d in found.doubts] == [("duration", False), ("updated", False)]


def test_unknown_fields_are_listed_and_empty_ones_are_not(normaliser: Normaliser) -> None:
    found = good(normaliser, farge="blå", form=None, lukt="")
    assert found.unknown_fields == ("farge",)


def test_two_names_of_one_field_are_not_silently_mixed(normaliser: Normaliser) -> None:
    found = good(normaliser, tittel="Noe annet")
    assert found.resource is not None
    assert found.resource.title == "Fall"
    assert [d.name for d in found.doubts] == ["tittel"]


def test_a_resource_without_id_gets_one_from_its_address_always_the_same(normaliser: Normaliser) -> None:
    ids = {
        normaliser.normalise({"title": t, "url": "https://eksempel.no/fag/fall"}).resource.id  # type: ignore[union-attr]
        for t in ("Fall", "Fall, ny tittel")
    }
    assert len(ids) == 1
    assert next(iter(ids)).startswith("eksempel.no-fall-")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Sjukepleiarane skal vurdere risikoen for fall saman med pasienten og dei pårørande kvar veke.",
            "nn",
        ),
        (
            "The nurse assesses the risk of falling together with the patient and the relatives every week.",
            "en",
        ),
        (
            "Sykepleieren vurderer risikoen for fall sammen med pasienten og de pårørende hver eneste uke.",
            "nb",
        ),
    ],
)
def test_a_missing_language_is_detected(normaliser: Normaliser, text: str, language: str) -> None:
    for stated in ({}, {"language": "no"} if language != "en" else {}):
        found = normaliser.normalise({"id": "k-1", "title": text, "body": text * 3, **stated})
        assert found.resource is not None
        assert found.resource.language == language


def test_a_language_that_the_text_plainly_contradicts_is_changed_with_a_warning(
    normaliser: Normaliser,
) -> None:
    english = (
        "The nurse assesses the risk of falling together with the patient and relatives every single week. "
    )
    found = good(normaliser, body=english * 5)
    assert found.resource is not None
    assert found.resource.language == "en"
    assert [d.name for d in found.doubts] == ["language"]
    short = good(normaliser, title="Update on basic life support")
    assert short.resource is not None
    assert short.resource.language == "nb"


def test_our_own_records_come_back_equal_and_without_a_doubt(normaliser: Normaliser) -> None:
    resource = resource_from_record({
        "id": "kb-1", "title": "Fall", "summary": "Kort.", "body": BODY, "language": "nb", "edition": "ahus",
        "resource_type": "film", "audience": ["sykepleier"], "themes": ["fallforebygging"], "duration": 12,
        "updated": "2026-01-31", "url": "https://eksempel.no/1", "licence": "CC-BY-4.0", "sample": True,
        "about": [{"concept": "tema/fall", "score": 0.9}],
    })  # fmt: skip
    found = normaliser.normalise(resource_to_record(resource))
    assert found.resource is not None
    assert resource_to_record(found.resource) == {
        k: v for k, v in resource_to_record(resource).items() if k != "about"
    }
    assert found.doubts == ()


_values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=40),
    st.lists(st.text(max_size=10), max_size=3), st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)  # fmt: skip
_names = st.one_of(
    st.sampled_from(
        ["id", "title", "tittel", "body", "språk", "varighet", "tema", "status", "updated", "url", "sample"]
    ),
    st.text(max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(record=st.dictionaries(_names, _values, max_size=8), strict=st.booleans())
def test_every_record_becomes_a_resource_or_names_a_field(
    normaliser: Normaliser, record, strict: bool
) -> None:
    found = normaliser.normalise(record, strict=strict)
    assert (found.resource is None) == any(d.error for d in found.doubts)
    if found.resource is not None:
        again = normaliser.normalise(resource_to_record(found.resource), strict=strict)
        assert again.resource == found.resource


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>En</p><p>To</p>", "En\n\nTo"),
        ("Før<br>etter<br/>sist", "Før\netter\nsist"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<script>alert(1)</script><p>Tekst</p><style>p{}</style>", "Tekst"),
        ("systolisk < 90 og puls > 130", "systolisk < 90 og puls > 130"),
        ("dose<5 mg", "dose<5 mg"),
        ("R&amp;D", "R&D"),
        ("A&B; C", "A&B; C"),
        ("kne\u00adledd  og\u00a0hofte", "kneledd og hofte"),
        ("a\r\n\r\n\r\n\r\nb", "a\n\nb"),
        ("e\u0301n", "én"),
        ("<b>fet</b> og <i>skrå</i>", "fet og skrå"),
    ],
)
def test_markup_becomes_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(st.text(max_size=100))
def test_plain_text_is_plain_already(text: str) -> None:
    once = plain_text(text)
    assert "\0" not in once
    assert plain_text(once) == once or "<" in once or "&" in once
    assert "\n" not in plain_line(text)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_dates_in_all_their_forms_are_the_same_day(day: date) -> None:
    months = ["januar", "februar", "mars", "april", "mai", "juni", "juli", "august", "september", "oktober"]
    month = [*months, "november", "desember"][day.month - 1]
    forms = [
        day.isoformat(), f"{day.isoformat()}T23:59:00+02:00", f"{day.day}.{day.month}.{day.year}",
        f"{day:%d.%m.%Y}", f"{day.day}. {month} {day.year}", f"{day:%d %b %Y} 08:00:00 +0000", f"{day:%Y%m%d}",
    ]  # fmt: skip
    assert {parse_date(form) for form in forms} == {day}


@given(st.integers(0, 5000))
def test_durations_in_all_their_forms_are_the_same_minutes(minutes: int) -> None:
    hours, rest = divmod(minutes, 60)
    forms: list[object] = [
        minutes, float(minutes), str(minutes), f"{minutes} min", f"ca. {minutes} minutter", f"PT{minutes}M",
        f"PT{hours}H{rest}M", f"{hours} t {rest} min", f"{hours} timer og {rest} minutter",
    ]  # fmt: skip
    if hours < 1000:
        forms.append(f"{hours}:{rest:02d}:00")
    assert {parse_minutes(form) for form in forms} == {minutes}


@pytest.mark.parametrize(
    "text", ["", "snart", "2026", "11/2026", "32.1.2026", "2026-13-01", "1.1.26", "21.11.0026"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_date(text)


@pytest.mark.parametrize(
    "value", ["", "lenge", "1:30", "P", "PT", "45 x", "min", True, None, float("inf"), "-5"]
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_minutes(value)


def test_what_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(ValueError, match="neither"):
        parse_flag("tja")


def test_field_names_do_not_mind_case_accents_and_underscores() -> None:
    assert {field_of(n) for n in ("Sist oppdatert", "sist_oppdatert", "SIST-OPPDATERT")} == {"updated"}
    assert field_of("sprak") == field_of("Språk") == "language"
    assert field_of("") is None


def test_labels_of_every_scheme_lead_to_their_own_concept() -> None:
    vocabulary = open_vocabulary()
    reader = LabelReader(vocabulary)
    for concept in vocabulary:
        if not concept.deprecated:
            for lang in ("nb", "nn", "en"):
                if lang in concept.pref_label:
                    name = concept.id.split("/", 1)[1]
                    assert name in reader.names(concept.scheme, concept.pref_label[lang]), (concept.id, lang)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<!-- >", "<a href='", "<a href='>", "<![CDATA[", "<![CDATA[>", "<?", "<!DOCTYPE ", "</p"],
)
def test_markup_that_is_never_closed_costs_no_more_than_its_length(piece: str) -> None:
    text = "<p>" + piece * 30_000
    began = time.process_time()
    plain_text(text)
    assert time.process_time() - began < 5


def test_comments_and_declarations_of_word_processors_are_left_out() -> None:
    text = "<!doctype html><p>BT < 90 <![if !x]>og<![endif]><!-- a <!-- b --> puls > 130 <!--[if mso]><i>x</i><![endif]--></p>"
    assert plain_text(text) == "BT < 90 og puls > 130"


@pytest.mark.parametrize("read", [parse_minutes, parse_date])
@pytest.mark.parametrize("text", ["1" * 50_000 + "x", "1 " * 50_000, "," * 50_000])
def test_long_text_is_no_date_or_duration_and_is_refused_at_once(read, text: str) -> None:
    began = time.process_time()
    with pytest.raises(ValueError, match="not a d"):
        read(text)
    assert time.process_time() - began < 1


def test_a_number_beyond_all_bounds_is_no_duration() -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_minutes(10**400)
