"""An old requirement's id leads on, on its page and in the API."""

import pytest

from engine.plan_editing import PlanEditor
from small_bank import NOW, open_bank


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    from fastapi.testclient import TestClient

    from api.app import create_app
    from small_bank import fill

    folder = tmp_path_factory.mktemp("bank")
    fill(folder)
    engine = open_bank(folder)
    PlanEditor(engine.catalogue, lambda: NOW).join("krav-tomt", "krav-fall", by="test")
    with TestClient(create_app(engine), follow_redirects=False) as client:
        yield client
    engine.close()


def test_the_page_of_a_replaced_requirement_leads_to_the_one_that_counts(joined):
    found = joined.get("/krav/krav-tomt?lang=nn", headers={"accept": "text/html"})
    assert found.status_code == 307
    assert found.headers["location"].endswith("/krav/krav-fall?lang=nn")
    page = joined.get(found.headers["location"], headers={"accept": "text/html"})
    assert "krav uten ressurs" in page.text
    assert "Andre namn" in page.text


def test_the_api_says_what_replaced_it_and_other_wordings(joined):
    old = joined.get("/v1/requirements/krav-tomt").json()
    new = joined.get("/v1/requirements/krav-fall").json()
    assert (old["replaced_by"], new["replaced_by"]) == ("krav-fall", None)
    listed = [q["id"] for q in joined.get("/v1/requirements").json()["requirements"]]
    assert listed == ["krav-fall", "krav-news2"]
    assert new["alt_labels"] == {"nb": ["krav uten ressurs"]}
    assert [line["requirement"] for line in joined.get("/v1/plans/plan-sykepleier").json()["lines"]] == [
        "krav-fall", "krav-news2"]  # fmt: skip
    serving = joined.get("/v1/requirements/krav-tomt/resources").json()["resources"]
    assert {link["link"]["by"] for link in serving if link["stated"]} == {"Redaksjonen (eksempel)"}
