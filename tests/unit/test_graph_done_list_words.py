"""A done-list is taken as people write it: a plan's own code, states in Norwegian."""

import pytest

from engine.errors import NotFound
from engine.service import role_id
from graph.done_list import STATES_IN_NORWEGIAN, DoneListError, evidence_from_record
from graph.model import Role
from graph.status import STATE_WORDS

KNOWN = {"ls-05", "krav-fall"}
ROLES = {
    r.id: r
    for r in (
        Role("sykepleier-sengepost", {"nb": "sykepleier på sengepost", "en": "ward nurse"}),
        Role("portor", {"nb": "portør"}),
    )
}


@pytest.mark.parametrize("written", ["ls-05", "LS-05", "krav/ls-05"])
def test_a_requirement_may_be_written_as_the_plans_own_code(written):
    assert evidence_from_record({"requirement": written}, KNOWN).requirement == "ls-05"


def test_an_unknown_requirement_is_told_as_it_was_written():
    with pytest.raises(DoneListError, match="'LS-99'"):
        evidence_from_record({"requirement": "LS-99"}, KNOWN)


@pytest.mark.parametrize("lang", ["nb", "nn"])
def test_every_state_may_be_written_with_the_word_that_is_shown(lang):
    for state, word in STATE_WORDS[lang].items():
        assert STATES_IN_NORWEGIAN[word.lower()] == state
        assert evidence_from_record({"requirement": "ls-05", "state": word}, KNOWN).state == state


def test_a_role_may_be_named_by_its_label_and_a_near_one_is_told():
    assert role_id("Ward nurse", ROLES) == "sykepleier-sengepost"
    with pytest.raises(NotFound, match="nearest: sykepleier-sengepost"):
        role_id("sykepleier sengepost", ROLES)
    with pytest.raises(NotFound, match=r"'kokk'$"):
        role_id("kokk", ROLES)
