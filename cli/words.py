"""What do answers say in a terminal? Words for recommendations, a status and two roles in nb, nn and en."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "nb": {
        "no_plan": "Ingen gjeldende plan krever noe av denne rollen.",
        "narrower": "Smalere roller som har en plan: {names}",
        "essential": "nødvendig",
        "recommended": "anbefalt",
        "optional": "valgfri",
        "about": "ca. {minutes} min",
        "minutes": "{minutes} min",
        "so_far": "{minutes} minutter så langt",
        "after": ", etter trinn {steps}",
        "and": " og ",
        "total": "{count}, {minutes} minutter",
        "resource": "1 ressurs",
        "resources": "{n} ressurser",
        "portal": "I portalen: {link}",
        "open": "Står igjen, {why}: {names}",
        "no_resource": "ingen ressurs dekker kravet",
        "no_time": "ikke tid igjen",
        "prerequisite": "ikke tid til det som må komme først",
        "enough": "nok av gruppen er dekket",
        "list_full": "listen er full",
        "colour": "Farge",
        "state": "Status",
        "requirement": "Krav",
        "due": "Frist",
        "best": "Beste ressurs",
        "none": "ingen",
        "late": "over fristen",
        "sum": "{colours}; {overdue} over fristen per {on}",
        "added": "Nye",
        "raised": "Strengere",
        "shared": "Felles",
        "dropped": "Faller bort",
        "raised_necessity": "kreves sterkere",
        "raised_interval": "fornyes oftere",
        "raised_level": "høyere nivå enn {name}",
        "raised_group": "kan ikke lenger velges bort",
        "shortest": "Korteste sett",
        "most": "Det som dekker mest på tiden",
        "obligatorisk": "obligatorisk",
        "betinget": "betinget",
        "anbefalt": "anbefalt",
    },
    "nn": {
        "no_plan": "Ingen gjeldande plan krev noko av denne rolla.",
        "narrower": "Smalare roller som har ein plan: {names}",
        "essential": "nødvendig",
        "recommended": "tilrådd",
        "optional": "valfri",
        "about": "ca. {minutes} min",
        "minutes": "{minutes} min",
        "so_far": "{minutes} minutt så langt",
        "after": ", etter steg {steps}",
        "and": " og ",
        "total": "{count}, {minutes} minutt",
        "resource": "1 ressurs",
        "resources": "{n} ressursar",
        "portal": "I portalen: {link}",
        "open": "Står att, {why}: {names}",
        "no_resource": "ingen ressurs dekkjer kravet",
        "no_time": "ikkje tid att",
        "prerequisite": "ikkje tid til det som må kome først",
        "enough": "nok av gruppa er dekt",
        "list_full": "lista er full",
        "colour": "Farge",
        "state": "Status",
        "requirement": "Krav",
        "due": "Frist",
        "best": "Beste ressurs",
        "none": "ingen",
        "late": "over fristen",
        "sum": "{colours}; {overdue} over fristen per {on}",
        "added": "Nye",
        "raised": "Strengare",
        "shared": "Felles",
        "dropped": "Fell bort",
        "raised_necessity": "sterkare krav",
        "raised_interval": "må fornyast oftare",
        "raised_level": "høgare nivå enn {name}",
        "raised_group": "kan ikkje lenger veljast bort",
        "shortest": "Kortaste sett",
        "most": "Det som dekkjer mest på tida",
        "obligatorisk": "obligatorisk",
        "betinget": "betinga",
        "anbefalt": "tilrådd",
    },
    "en": {
        "no_plan": "No plan in force asks anything of this role.",
        "narrower": "Narrower roles that have a plan: {names}",
        "essential": "essential",
        "recommended": "recommended",
        "optional": "optional",
        "about": "about {minutes} min",
        "minutes": "{minutes} min",
        "so_far": "{minutes} minutes so far",
        "after": ", after step {steps}",
        "and": " and ",
        "total": "{count}, {minutes} minutes",
        "resource": "1 resource",
        "resources": "{n} resources",
        "portal": "In the portal: {link}",
        "open": "Still open, {why}: {names}",
        "no_resource": "no resource serves it",
        "no_time": "no time left",
        "prerequisite": "no time for what must come first",
        "enough": "enough of its group is covered",
        "list_full": "the list is full",
        "colour": "Colour",
        "state": "State",
        "requirement": "Requirement",
        "due": "Due",
        "best": "Best resource",
        "none": "none",
        "late": "overdue",
        "sum": "{colours}; {overdue} overdue on {on}",
        "added": "New",
        "raised": "Stricter",
        "shared": "Shared",
        "dropped": "Falls away",
        "raised_necessity": "asked more strongly",
        "raised_interval": "renewed more often",
        "raised_level": "higher level than {name}",
        "raised_group": "no longer a choice",
        "shortest": "Shortest set",
        "most": "What covers most in the time",
        "obligatorisk": "mandatory",
        "betinget": "conditional",
        "anbefalt": "recommended",
    },
}


def words(lang: str) -> Mapping[str, str]:
    """Return the words of a language, bokmål for any other.

    Examples
    --------
    >>> words("nn")["best"], words("sv") is words("nb")
    ('Beste ressurs', True)
    """
    return WORDS.get(lang, WORDS["nb"])


def resources(count: int, lang: str) -> str:
    """Return so many resources in words.

    Examples
    --------
    >>> resources(1, "nb"), resources(3, "nn")
    ('1 ressurs', '3 ressursar')
    """
    said = words(lang)
    return said["resource"] if count == 1 else said["resources"].format(n=count)
