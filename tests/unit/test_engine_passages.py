"""Bodies are cut at sentences into passages of 60-120 words, and nothing is lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.model import Passage, Resource
from engine.passages import MAX_WORDS, passage_texts, split_passages

SENTENCE = st.lists(
    st.sampled_from(["vask", "hendene", "før", "pasienten", "får", "mat"]), min_size=1, max_size=40
)
BODY = st.lists(SENTENCE.map(lambda words: " ".join(words).capitalize() + "."), max_size=30).map(" ".join)


@given(st.one_of(st.text(), BODY))
def test_every_word_is_in_exactly_one_passage_in_order(body):
    pieces = [body[p.start : p.end] for p in split_passages(body)]
    assert " ".join(pieces).split() == body.split()


@given(st.one_of(st.text(), BODY))
def test_no_passage_is_longer_than_120_words(body):
    assert all(len(body[p.start : p.end].split()) <= MAX_WORDS for p in split_passages(body))


@given(BODY)
def test_passages_do_not_overlap(body):
    passages = split_passages(body)
    assert all(a.end <= b.start for a, b in pairwise(passages))


def test_a_long_text_of_sentences_gives_passages_of_60_words_or_more():
    body = " ".join(f"Dette er setning nummer {i} og den har ti ord." for i in range(100))
    lengths = [len(body[p.start : p.end].split()) for p in split_passages(body)]
    assert all(60 <= n <= MAX_WORDS for n in lengths[:-1])


def test_title_stands_before_each_passage_and_summary_before_the_first():
    resource = Resource("r", "Tittel", "Ingress.", "En. To.")
    assert passage_texts(resource, (Passage(0, 3), Passage(4, 7))) == ["Tittel\nIngress.\nEn.", "Tittel\nTo."]


def test_a_resource_without_a_body_has_one_text_of_title_and_summary():
    resource = Resource("r", "Tittel", "Ingress.")
    assert passage_texts(resource, split_passages("")) == ["Tittel\nIngress."]
