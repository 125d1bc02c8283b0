from html import unescape

import pytest

from graph.model import ReasonPath, Role
from graph.paths import sentence
from small_bank import NOW


def get(site, path, **params):
    answer = site.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_recommendations_carry_reasons_as_path_and_sentence(site):
    found = get(site, "/v1/recommendations", role="sykepleier", lang="nb")
    first = next(i for i in found["items"] if i["resource"]["id"] == "kb-1")
    reason = next(r for r in first["reasons"] if r["requirement"] == "krav-fall")
    kinds = [n["kind"] for n in reason["path"]["nodes"]]
    assert kinds[0] == "role"
    assert kinds[-1] == "resource"
    assert len(reason["path"]["edges"]) == len(kinds) - 1
    assert all({"origin", "by", "at"} <= set(e) for e in reason["path"]["edges"])
    assert set(reason["sentences"]) == {"nb", "nn", "en"}
    assert reason["sentence"] == reason["sentences"]["nb"]
    assert "krav-tomt" in found["unmet"]


def test_every_reason_shown_recomputes_from_the_graph(site, bank):
    graph = bank.graph()
    told = []
    for item in get(site, "/v1/recommendations", role="sykepleier")["items"]:
        for reason in item["reasons"]:
            nodes = tuple(n["id"] for n in reason["path"]["nodes"])
            edges = tuple(graph.edge(e["source"], e["target"], e["kind"]) for e in reason["path"]["edges"])
            path = ReasonPath(nodes, edges, tuple(e["reversed"] for e in reason["path"]["edges"]))
            for lang, text in reason["sentences"].items():
                assert sentence(graph, path, lang) == text
            for edge, shown in zip(edges, reason["path"]["edges"], strict=True):
                assert (shown["by"], shown["origin"], shown["confidence"]) == (
                    edge.by,
                    edge.origin,
                    edge.confidence,
                )
                assert shown["at"] == (edge.at.isoformat() if edge.at else None)
            told.append(reason["sentences"]["nb"])
    assert len(told) > 2
    page = unescape(site.get("/rolle/sykepleier", headers={"Accept": "text/html"}).text)
    assert [text for text in told if text not in page] == []


def test_the_resources_of_a_requirement_say_who_linked_them(site, bank):
    for item in get(site, "/v1/requirements/krav-fall/resources")["resources"]:
        kind = "teaches" if item["stated"] else "proposed_teaches"
        edge = bank.graph().edge(f"resource:{item['resource']['id']}", "requirement:krav-fall", kind)
        assert item["link"] == {
            "origin": edge.origin,
            "by": edge.by,
            "at": edge.at.isoformat() if edge.at else None,
            "confidence": edge.confidence,
        }


def test_what_is_done_is_left_out_and_nothing_is_written(site, bank):
    before = (
        bank.catalogue.last_seq(),
        bank.catalogue.plan_seq(),
        len(bank.catalogue.audit_trail(limit=1000)),
    )
    body = {"role": "sykepleier", "done": [{"requirement": "krav-fall", "achieved": "2026-10-01"}]}
    answer = site.post("/v1/recommendations", json=body)
    assert answer.headers["cache-control"] == "no-store"
    items = answer.json()["items"]
    assert items
    assert all("krav-fall" not in i["requirements"] for i in items)
    assert site.post("/v1/recommendations", json=body).json() == answer.json()
    after = (
        bank.catalogue.last_seq(),
        bank.catalogue.plan_seq(),
        len(bank.catalogue.audit_trail(limit=1000)),
    )
    assert after == before


def test_a_time_budget_is_kept(site):
    assert get(site, "/v1/recommendations", role="sykepleier", minutes=35)["minutes"] <= 35


def test_local_resources_are_recommended_in_their_edition_only(site):
    def ids(**params):
        return {
            i["resource"]["id"]
            for i in get(site, "/v1/recommendations", role="sykepleier", **params)["items"]
        }

    assert "kb-7" not in ids()
    assert "kb-7" in ids(edition="ahus")


@pytest.mark.parametrize("name", ["sykepleier", "SP", "rolle%2Fsykepleier"])
def test_a_role_is_known_by_id_and_code(site, name):
    answer = site.get(f"/v1/roles/{name}")
    if "%2F" in name:  # a slash parts an address; the prefix works in parameters
        assert get(site, "/v1/recommendations", role="rolle/sykepleier")["items"]
        return
    assert answer.json()["id"] == "sykepleier"
    assert answer.json()["plans"] == ["plan-gammel", "plan-sykepleier"]


def test_obligations_leave_retired_plans_out(site):
    found = get(site, "/v1/roles/sykepleier/requirements", lang="en")
    assert [(o["requirement"], o["necessity"]) for o in found["requirements"]] == [
        ("krav-fall", "obligatorisk"), ("krav-news2", "betinget"), ("krav-tomt", "anbefalt"),
    ]  # fmt: skip
    assert found["requirements"][0]["label"] == "fall prevention"
    assert found["requirements"][0]["plans"] == ["plan-sykepleier"]
    assert found["on"] == "2026-11-21"


def test_a_requirement_lists_its_resources_stated_first(site):
    found = get(site, "/v1/requirements/krav-fall/resources")["resources"]
    stated = [r["stated"] for r in found]
    assert found[0]["resource"]["id"] == "kb-1"
    assert stated == sorted(stated, reverse=True)


def test_paths_between_role_and_resource_and_the_way_of_a_role(site):
    found = get(site, "/v1/paths", role="sykepleier", resource="kb-1")
    assert [p["requirement"] for p in found["paths"]] == ["krav-fall"]
    assert get(site, "/v1/paths", role="sykepleier", resource="kb-8")["paths"] == []
    steps = get(site, "/v1/paths", role="sykepleier", lang="nn")["steps"]
    assert [s["step"] for s in steps] == list(range(1, len(steps) + 1))
    order = [q for s in steps for q in s["requirements"]]
    assert order.index("krav-fall") < order.index("krav-news2")


def test_lists_and_single_things_agree(site):
    for kind, plural in (("roles", "roles"), ("requirements", "requirements"), ("plans", "plans")):
        for thing in get(site, f"/v1/{plural}")[kind]:
            single = get(site, f"/v1/{plural}/{thing['id']}")
            extra = {"plans"} if kind == "roles" else {"lines"}
            assert {k: v for k, v in single.items() if k not in extra} == thing


def test_concepts_as_json_skos_json_ld_and_turtle(site):
    plain = get(site, "/v1/concepts/tema/fallforebygging", lang="nb")
    assert plain["uri"].endswith("tema/fallforebygging")
    assert plain["broader"]
    turtle = site.get("/v1/concepts/tema/fallforebygging", headers={"Accept": "text/turtle"})
    assert turtle.headers["content-type"].startswith("text/turtle")
    assert "prefLabel" in turtle.text
    linked = site.get("/v1/concepts/tema/fallforebygging", headers={"Accept": "application/ld+json"})
    assert linked.headers["content-type"].startswith("application/ld+json")
    assert plain["uri"] in linked.text
    found = get(site, "/v1/concepts", q="fallforeb", lang="nb", scheme="tema")["concepts"]
    assert "tema/fallforebygging" in [c["id"] for c in found]


def test_a_resource_as_schema_org(site):
    answer = site.get("/v1/resources/kb-1", headers={"Accept": "application/ld+json"})
    assert answer.headers["content-type"].startswith("application/ld+json")
    body = answer.json()
    assert body["@context"] == "https://schema.org/"
    assert "LearningResource" in body["@type"]
    assert body["timeRequired"] == "PT30M"
    assert body["inLanguage"] == "nb"
    assert body["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert [t["@id"].rsplit("/", 1)[1] for t in body["teaches"]] == ["krav-fall"]


def test_an_id_with_a_slash_has_its_addresses(site):
    assert get(site, "/v1/resources/mappe/kb-12")["resource"]["id"] == "mappe/kb-12"
    assert "similar" in get(site, "/v1/resources/mappe/kb-12/similar")
    assert site.get("/ressurs/mappe/kb-12").status_code == 200


def test_a_role_without_a_plan_names_the_narrower_ones_that_have_one(own_site, own_bank):
    assert get(own_site, "/v1/recommendations", role="sykepleier")["narrower_roles"] == []
    roles = [
        Role("helsepersonell", {"nb": "helsepersonell"}),
        Role("sykepleier", {"nb": "sykepleier"}, broader="helsepersonell"),
    ]
    own_bank.catalogue.upsert_roles(roles, by="test", at=NOW)
    found = get(own_site, "/v1/recommendations", role="helsepersonell")
    assert found["narrower_roles"] == [{"id": "sykepleier", "label": "sykepleier"}]
    page = own_site.get("/rolle/helsepersonell").text
    assert "Mer spesielle roller med plan" in page
    assert 'href="/rolle/sykepleier"' in page
    assert "Mer spesielle roller med plan" not in own_site.get("/rolle/sykepleier").text
