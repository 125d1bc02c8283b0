"""The picture on a role's page says what the list beside it says, in words too, in each language."""

import re
from html import unescape

import pytest

from graph.model import Plan, PlanLine

HTML = {"Accept": "text/html"}


def page_of(site, path="/rolle/sykepleier", **asked):
    html = site.get(path, params={"lang": "nb", **asked}, headers=HTML).text
    found = re.search(r'<section class="net-section".*?</section>', html, re.DOTALL)
    return unescape(found.group()) if found else ""


@pytest.mark.parametrize(
    ("lang", "heading", "told"),
    [
        ("nb", "Rollen i grafen", ["Fallforebygging: obligatorisk, 1 ressurs", "Krav uten ressurs: anbefalt, ingen ressurs"]),
        ("nn", "Rolla i grafen", ["Fallførebygging: obligatorisk, 1 ressurs", "Krav uten ressurs: tilrådd, ingen ressurs"]),
        ("en", "The role in the graph", ["Fall prevention: mandatory, 1 resource", "Krav uten ressurs: recommended, no resource"]),
    ],
)  # fmt: skip
def test_picture_and_list_say_the_same_in_each_language(site, lang, heading, told):
    section = page_of(site, lang=lang)
    assert heading in section
    drawings = re.findall(r"<svg class=\"net .*?</svg>", section, re.DOTALL)
    listed = re.search(r"<details.*</details>", section, re.DOTALL).group()
    assert len(drawings) == 2
    for drawing in drawings:
        boxes = [
            re.findall(r"<text[^>]*>([^<]*)</text>", a) for a in re.findall(r"<a .*?</a>", drawing, re.DOTALL)
        ]
        asked = [texts for texts in boxes[2:] if len(texts) > 1]  # after the role and its plan
        assert len(asked) == 3
        for *label, note in asked:
            said = re.search(rf">{re.escape(' '.join(label))}</a>: ([^<]*)<", listed).group(1)
            assert note in said
    plain = re.sub(r"<[^>]+>", "", listed)
    for text in told:
        assert text in plain


def test_every_link_of_the_picture_leads_somewhere(site):
    places = set(re.findall(r'<a href="([^"]+)"', page_of(site)))
    assert len(places) == 5
    for place in places:
        assert site.get(place, headers=HTML).status_code == 200


def test_colour_is_never_alone(site):
    drawing = re.search(r"<svg class=\"net net--columns.*?</svg>", page_of(site), re.DOTALL).group()
    for cover, word in (("covered", "1 ressurs"), ("none", "ingen ressurs")):
        box = re.search(rf'net__box--{cover}".*?</a>', drawing, re.DOTALL).group()
        assert f">{word}</text>" in box


def test_local_resources_count_in_their_edition_only(site):
    def told(**asked):
        return re.search(r">Fallforebygging</a>: ([^<]*)", page_of(site, **asked)).group(1)

    assert told().startswith("obligatorisk, 1 ressurs,")
    assert told(edition="ahus").startswith("obligatorisk, 2 ressurser,")


def test_a_role_without_plans_has_no_picture(site):
    assert page_of(site, "/rolle/hjemmesykepleier") == ""


def test_of_many_requirements_the_list_has_all(own_bank, own_site):
    ids = [f"krav-{i}" for i in range(30)]
    made = [own_bank.requirements()["krav-fall"].__class__(i, {"nb": f"krav nummer {i}"}) for i in ids]
    own_bank.catalogue.upsert_requirements(made, by="test", at=own_bank.now())
    plan = Plan("stor", {"nb": "Stor plan"}, tuple(PlanLine(i) for i in ids), ("hjemmesykepleier",))
    own_bank.catalogue.upsert_plans([plan], by="test", at=own_bank.now())
    section = page_of(own_site, "/rolle/hjemmesykepleier")
    assert "Bildet viser 20 av 30 krav" in section
    assert len(re.findall(r"<li><a[^>]*krav/krav-\d+", section)) == 30
