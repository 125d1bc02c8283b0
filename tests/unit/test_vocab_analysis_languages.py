import pytest

from vocab.analysis import analyse, is_english_word, is_known_word, split_compound, stem
from vocab.lexicon import lexicon
from vocab.stemming import other_spellings
from vocab.vocabulary import open_vocabulary
from vocab.written_forms import WORD_PAIRS


def terms(text):
    return [token.text for token in analyse(text)]


@pytest.mark.parametrize(
    "words",
    [
        ["nurse", "nurses", "nursing", "nursed", "Nurse's"],
        ["prevent", "prevents", "prevented", "preventing"],
        ["study", "studies", "studying", "studied"],
        ["injury", "injuries"],
        ["ulcer", "ulcers"],
    ],
)
def test_forms_of_an_english_word_meet(words):
    assert len({tuple(terms(word)) for word in words}) == 1


def test_an_english_word_has_one_stem_whatever_text_it_stands_in():
    alone = set(terms("injuries"))
    assert alone < set(terms("Prevention of injuries among patients"))
    assert alone < set(terms("Les mer i rapporten «Injuries» om skader hos pasienter"))


def test_english_words_are_no_norwegian_compounds():
    assert [split_compound(word) for word in ("understanding", "overtime", "workplace")] == [(), (), ()]
    assert not any(token.parts for token in analyse("Understanding the workplace and its stakeholders"))


@pytest.mark.parametrize("word", ["hospital", "animal", "material"])
def test_an_english_plural_meets_its_singular_that_is_norwegian_too(word):
    (plural,) = analyse(f"{word}s")
    assert terms(word) == [word] == list(plural.parts)


def test_words_of_both_languages_are_norwegian():
    assert not any(
        is_english_word(word) for word in ("test", "program", "system", "under", "fall", "diabetes")
    )
    assert stem("fallene") == "fall"


def test_letters_written_out_are_not_restored_in_english():
    assert terms("shoes canoes") == ["shoe", "cano"]


def test_hardly_any_norwegian_label_is_taken_for_english():
    labels = [label for _, lang, _, label in open_vocabulary().labels() if lang in {"nb", "nn"}]
    words = {token.surface.lower() for label in labels for token in analyse(label)}
    english = sorted(word for word in words if is_english_word(word))
    assert len(english) < 0.02 * len(words), english


@pytest.mark.parametrize(
    ("nynorsk", "bokmaal"),
    [
        ("sjukeheimane", "sykehjemmene"),
        ("sjukepleiarane", "sykepleierne"),
        ("heimesjukepleia", "hjemmesykepleien"),
        ("skulehelsetenesta", "skolehelsetjenesten"),
        ("førebyggingstiltak", "forebyggingstiltak"),
        ("legemiddelhandtering", "legemiddelhåndtering"),
        ("avdelingsleiarane", "avdelingslederne"),
        ("rettleiing", "veiledning"),
        ("biverknader", "bivirkninger"),
        ("korleis", "hvordan"),
        ("ikkje", "ikke"),
        ("verneombodet", "verneombudet"),
        ("smittevernrettleiaren", "smittevernveilederen"),
    ],
)
def test_nynorsk_meets_bokmål(nynorsk, bokmaal):
    assert terms(nynorsk) == terms(bokmaal)


def test_the_person_and_the_service_stay_apart_in_both_written_forms():
    stems = {stem(w) for w in ("hjemmesykepleier", "heimesjukepleiar", "hjemmesykepleie", "heimesjukepleie")}
    assert stems == {stem("hjemmesykepleier"), stem("hjemmesykepleie")}
    assert len(stems) == 2


def test_every_word_pair_unites_two_known_words():
    unmet = [(nn, nb) for nn, nb in WORD_PAIRS if stem(nn) != stem(nb)]
    assert unmet == []
    assert [nb for _, nb in WORD_PAIRS if len(nb) > 3 and not is_known_word(nb)] == []
    assert len(set(WORD_PAIRS)) == len(WORD_PAIRS) == len({nn for nn, _ in WORD_PAIRS})


def test_no_bokmål_word_of_the_pairs_is_rewritten_again():
    assert [nb for _, nb in WORD_PAIRS if stem(stem(nb)) not in {stem(nb), stem(stem(stem(nb)))}] == []


@pytest.mark.parametrize("word", ["syn", "vert", "leie", "verke", "seier", "verd"])
def test_bokmål_words_of_another_meaning_are_left_alone(word):
    assert stem(word)[:3] == word[:3]


def test_bases_are_base_forms():
    bases = lexicon().bases
    assert (bases["muskler"], bases["muskel"]) == ("muskel", "muskel")
    assert all(bases.get(base, base) == base for base in bases.values())


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("sykehjem", "Sjukeheimane"),
        ("legemidler", "legemidlene"),
        ("hånd", "hendene"),
        ("forebygging", "førebygging"),
        ("2 prosent", "2 %"),
        ("paragraf 4", "§ 4"),
        ("116117", "116 117"),
        ("37.5", "37,5"),
        ("muskel", "musklene"),
    ],
)
def test_a_word_spelt_otherwise_is_found_by_its_beginning(query, text):
    assert terms(query) == terms(text)
    for token in analyse(query):
        beginnings = {token.text[:4], *(spelling[:4] for spelling in other_spellings(token.text))}
        assert any(beginning in text.lower() for beginning in beginnings)
