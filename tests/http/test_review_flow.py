"""Texts go from draft through review to readers over HTTP; every step and comment is kept."""

from itertools import product

from engine.review_flow import STEPS
from small_bank import LOCAL, READER, WRITER

FLOW = "/v1/editor/resources/{}/flow"


def take(site, resource, step=None, key=WRITER, **more):
    return site.post(FLOW.format(resource), json={"step": step, **more}, headers={"X-API-Key": key})


def flow(site, resource, key=WRITER, **params):
    answer = site.get(FLOW.format(resource), params=params, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return answer.json()


def seen(site, q="sepsis"):
    return [hit["resource"]["id"] for hit in site.get("/v1/search", params={"q": q, "k": 50}).json()["hits"]]


def waiting(site, key=WRITER):
    answer = site.get("/v1/editor/in-review", headers={"X-API-Key": key}).json()
    return [row["id"] for row in answer["waiting"]]


def test_a_draft_goes_through_review_to_readers_and_back(own_site):
    start = flow(own_site, "kb-10", lang="nn")
    assert (start["state"], start["state_label"], start["history"]) == ("draft", "utkast", [])
    assert start["steps"] == ["submit", "publish", "archive"]
    assert take(own_site, "kb-10", "submit").json()["state"] == "in_review"
    assert waiting(own_site) == ["kb-10"]
    assert "kb-10" not in seen(own_site)
    assert own_site.get("/v1/resources/kb-10").status_code == 404
    assert take(own_site, "kb-10", "return").status_code == 400, "a comment is needed"
    back = take(own_site, "kb-10", "return", comment="Kilden mangler.").json()
    assert (back["state"], waiting(own_site)) == ("draft", [])
    take(own_site, "kb-10", comment="Kilden er lagt til.")
    take(own_site, "kb-10", "submit")
    assert take(own_site, "kb-10", "publish").json()["state"] == "published"
    assert "kb-10" in seen(own_site)
    history = [(r["step"], r["comment"], r["by"]) for r in flow(own_site, "kb-10")["history"]]
    assert history == [
        ("submit", "", "redaksjon"),
        ("return", "Kilden mangler.", "redaksjon"),
        (None, "Kilden er lagt til.", "redaksjon"),
        ("submit", "", "redaksjon"),
        ("publish", "", "redaksjon"),
    ]
    assert take(own_site, "kb-10", "reopen").json()["state"] == "draft"
    assert "kb-10" not in seen(own_site)
    assert [v["status"] for v in own_site.get("/v1/resources/kb-10/versions").json().get("versions", [])] in (
        [],
        ["published"],
    )


def test_a_step_leads_where_the_table_says_or_is_refused(own_site):
    text = {"title": "Utkast", "edition": "felles"}
    for state, step in product(("draft", "in_review", "published", "archived"), STEPS):
        own_site.put("/v1/resources/kb-10", json={**text, "status": state}, headers={"X-API-Key": WRITER})
        from_, to = STEPS[step]
        answer = take(own_site, "kb-10", step, comment="derfor")
        if state in from_:
            assert (answer.status_code, answer.json()["state"]) == (200, to)
        else:
            assert answer.status_code == 409
            assert flow(own_site, "kb-10")["state"] == state


def test_a_text_that_changed_meanwhile_is_not_published_unseen(own_site):
    looked_at = flow(own_site, "kb-10")["basis"]
    take(own_site, "kb-10", comment="Fin tekst.")
    changed = {"title": "Utkast om sepsis", "body": "En annen tekst.", "status": "draft"}
    own_site.put("/v1/resources/kb-10", json=changed, headers={"X-API-Key": WRITER})
    refused = take(own_site, "kb-10", "publish", basis=looked_at)
    assert refused.status_code == 409
    assert refused.headers["content-type"].startswith("application/problem+json")
    now = flow(own_site, "kb-10")
    assert [r["text_changed"] for r in now["history"]] == [True]
    assert take(own_site, "kb-10", "publish", basis=now["basis"]).status_code == 200


def test_only_who_may_write_a_text_sees_and_moves_it(own_site):
    assert take(own_site, "kb-10", "submit", key=LOCAL).status_code == 404
    assert own_site.get(FLOW.format("kb-10"), headers={"X-API-Key": LOCAL}).status_code == 404
    assert take(own_site, "kb-1", "archive", key=LOCAL).status_code == 403
    assert take(own_site, "kb-10", "submit", key=READER).status_code == 403
    assert own_site.get(FLOW.format("kb-10")).status_code == 401
    take(own_site, "kb-7", "reopen", key=LOCAL)
    assert take(own_site, "kb-7", "submit", key=LOCAL).json()["state"] == "in_review"
    take(own_site, "kb-10", "submit")
    assert waiting(own_site, LOCAL) == ["kb-7"]
    assert waiting(own_site) == ["kb-7", "kb-10"]
    assert take(own_site, "finnes-ikke", "submit").status_code == 404
    assert take(own_site, "kb-10").status_code == 400
