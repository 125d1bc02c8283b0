"""A link that an editor made counts wherever a resource is shown; one that was rejected nowhere."""

from small_bank import WRITER

WRITE = {"Authorization": f"Bearer {WRITER}"}


def rule(site, resource, verdict):
    body = {"resource": resource, "requirement": "krav-fall", "verdict": verdict}
    assert site.put("/v1/editor/links", json=body, headers=WRITE).status_code == 200


def covers(site):
    hits = site.get("/v1/search", params={"role": "sykepleier", "k": 50}).json()["hits"]
    return {h["resource"]["id"]: h["covers"]["requirements"] for h in hits if h["covers"]["n"]}


def test_hits_pages_and_linked_data_follow_rulings(own_site, own_bank):
    own_bank._recent._budget = 60.0  # a busy machine has all the time it needs
    rule(own_site, "kb-8", "accepted")
    rule(own_site, "kb-1", "rejected")
    assert covers(own_site) == {"kb-6": ["krav-news2"], "kb-8": ["krav-fall"]}
    assert [q["id"] for q in own_site.get("/v1/resources/kb-8").json()["requirements"]] == ["krav-fall"]
    assert own_site.get("/v1/resources/kb-1").json()["requirements"] == []
    linked = {
        id_: own_site.get(f"/v1/resources/{id_}", headers={"Accept": "application/ld+json"}).text
        for id_ in ("kb-1", "kb-8")
    }
    assert ["krav-fall" in text for text in linked.values()] == [False, True]
    pages = [
        own_site.get(f"/ressurs/{id_}", headers={"Accept": "text/html"}).text for id_ in ("kb-1", "kb-8")
    ]
    assert ["/krav/krav-fall" in page for page in pages] == [False, True]
    shown = own_site.get(
        "/", params={"role": "sykepleier", "q": "håndhygiene"}, headers={"Accept": "text/html"}
    )
    assert "1 av 3" in shown.text
