"""Local editors never change what is common; central ones never what an edition has for itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Forbidden, Hidden
from engine.model import Resource
from engine.rights import RIGHTS, Editor

EDITIONS = ("felles", "ahus", "oslo")
LOCAL, CENTRAL, ALL = Editor("a", "ahus"), Editor("s", "felles"), Editor("k", None)
ADMIN = Editor("d", None, admin=True)
editors = st.builds(
    Editor,
    st.just("x"),
    st.sampled_from([None, *EDITIONS]),
    st.booleans(),
    st.frozensets(st.sampled_from(RIGHTS)),
)
edition = st.sampled_from(EDITIONS)


def test_kinds():
    assert [e.kind for e in (LOCAL, CENTRAL, ALL, ADMIN)] == ["local", "central", "all", "admin"]
    assert Editor("x", "ahus", admin=True).kind == "local"


@pytest.mark.parametrize(
    ("editor", "written"),
    [(LOCAL, {"ahus"}), (CENTRAL, {"felles"}), (ALL, set(EDITIONS)), (ADMIN, set(EDITIONS))],
)
def test_who_writes_what(editor, written):
    assert {e for e in EDITIONS if editor.may_write(e)} == written
    for right in RIGHTS:
        assert {e for e in EDITIONS if editor.may(right, e)} == written


@pytest.mark.parametrize(
    ("editor", "merges"),
    [
        (LOCAL, {("ahus", "felles"), ("ahus", "ahus")}),
        (CENTRAL, {("felles", "felles")}),
        (ALL, {(a, b) for a in EDITIONS for b in EDITIONS}),
    ],
)
def test_who_merges_what_into_what(editor, merges):
    assert {(a, b) for a in EDITIONS for b in EDITIONS if editor.may_merge(a, b)} == merges


@pytest.mark.parametrize(
    ("editor", "where"), [(LOCAL, {"ahus"}), (CENTRAL, {"", "felles"}), (ALL, {"", *EDITIONS})]
)
def test_who_blocks_and_pins_where(editor, where):
    assert {e for e in ("", *EDITIONS) if editor.may_block(e)} == where
    assert {e for e in ("", *EDITIONS) if editor.may_pin(e)} == where


def test_something_is_said_of_two_by_who_has_one_of_them():
    assert LOCAL.may_on_pair("not-duplicate", ("felles", "ahus"))
    assert not LOCAL.may_on_pair("not-duplicate", ("felles", "oslo"))


def test_drafts_are_seen_by_their_own_edition():
    draft = Resource("x", "T", edition="oslo", status="draft")
    assert [e.may_see(draft) for e in (LOCAL, CENTRAL, ALL)] == [False, False, True]
    assert LOCAL.may_see(Resource("x", "T", edition="oslo"))


@given(editors, edition, edition, st.sampled_from(RIGHTS))
def test_nobody_does_what_is_not_theirs_or_what_they_have_no_right_to(editor, a, b, right):
    theirs = {e for e in EDITIONS if editor.edition in {None, e}}
    assert editor.may(right, a) == (right in editor.rights and a in theirs)
    assert not (editor.may_merge(a, b) and (a not in theirs or "merge" not in editor.rights))
    assert not (editor.may_on_pair(right, (a, b)) and (not theirs & {a, b} or right not in editor.rights))
    assert not (editor.may_block("") and not editor.may("block", "felles"))
    resource = Resource("kb", "T", edition=a)
    if editor.may(right, a):
        editor.require(right, resource)
    else:
        with pytest.raises(Forbidden) as refused:
            editor.require(right, resource)
        assert refused.value.subject == "kb"
        assert refused.value.why in {"central content", "another edition", f"no right: {right}"}


def test_a_draft_of_another_edition_is_not_there():
    draft = Resource("kb", "T", edition="oslo", status="draft")
    for refused in (
        lambda: LOCAL.require("tags", draft),
        lambda: LOCAL.require_own(draft),
        lambda: CENTRAL.require_seen(draft),
    ):
        with pytest.raises(Hidden, match="no resource has the id 'kb'"):
            refused()
    Editor("o", "oslo").require("tags", draft)


def test_two_are_merged_or_ruled_on_only_by_who_may():
    common, ours, theirs = (Resource(e, "T", edition=e) for e in EDITIONS)
    LOCAL.require_merge(ours, common)
    LOCAL.require_on_pair("translation", common, ours)
    for refused in (
        lambda: LOCAL.require_merge(common, ours),
        lambda: LOCAL.require_merge(ours, theirs),
        lambda: LOCAL.require_on_pair("translation", common, theirs),
        lambda: Editor("x", "ahus", rights=frozenset({"tags"})).require_on_pair("translation", common, ours),
        lambda: LOCAL.require_in("write", "felles"),
        lambda: Editor("x", None, rights=frozenset({"tags"})).require_in("write", "felles"),
    ):
        with pytest.raises(Forbidden) as told:
            refused()
        assert told.value.why


def test_only_an_administrator_of_the_whole_is_one():
    ADMIN.require_admin()
    for editor in (LOCAL, CENTRAL, ALL, Editor("x", "ahus", admin=True)):
        with pytest.raises(Forbidden):
            editor.require_admin()
