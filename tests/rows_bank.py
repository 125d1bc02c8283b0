"""A bank for the rows of search: ninety resources with every kind of value, and some that were written for one row.

The vocabulary is the bundled one with a theme that has two broader themes, so that counts of a hierarchy can
be wrong. Values are drawn by number, so every run has the same bank.
"""

import random
import shutil
from datetime import date, timedelta
from pathlib import Path

from engine.model import Resource
from small_bank import NOW, PLANS, REQUIREMENTS, ROLES, open_bank
from vocab.vocabulary import bundled_files

TODAY = NOW.date()
TWO_ABOVE = "fallforebygging"
ABOVE = ("legemidler", "pasientsikkerhet")
EDITIONS = ("felles", "felles", "felles", "felles", "ahus", "oslo")
SUBJECTS = {
    "fall": "Fall hos eldre: styrke, balanse og sko.",
    "demens": "Demens endrer minne og språk, og pårørende merker det først.",
    "sepsis": "Sepsis er blodforgiftning: tell pusten og mål temperaturen.",
    "ernæring": "Ernæring ved sykdom: vekt, appetitt og tygging.",
}


def _drawn(number: int) -> Resource:
    draw = random.Random(number)
    subject = list(SUBJECTS)[number % len(SUBJECTS)]

    def some(values: list[str], most: int) -> tuple[str, ...]:
        return tuple(sorted(draw.sample(values, draw.randint(0, most))))

    def day(first: int, last: int) -> date | None:
        return TODAY + timedelta(days=draw.randint(first, last)) if draw.random() < 0.8 else None

    return Resource(
        f"d{number:02}",
        f"{subject.capitalize()} {draw.choice(['i praksis', 'trinn for trinn', 'på vakt', 'for nye'])}",
        "Kurs for deg som er ny.",
        f"{SUBJECTS[subject]} Del {number} av rekken. " * draw.randint(1, 4),
        language=draw.choice(["nb", "nb", "nn", "en"]),
        resource_type=draw.choice(["film", "podkast", "e-laeringskurs", "fagartikkel", "quiz", ""]),
        edition=draw.choice(EDITIONS),
        provider=draw.choice(["Utgiver Én", "Utgiver to", ""]),
        audience=some(["sykepleier", "helsefagarbeider", "lege"], 2),
        audience_group=some(["parorende"], 1),
        arena=some(["sykehjem", "sykehus", "hjemmetjeneste"], 2),
        patient_group=some(["eldre", "barn"], 2),
        level=draw.choice(["grunnleggende", "videregaende", ""]),
        duration=draw.choice([None, 5, 15, 16, 30, 31, 60, 61, 240]),
        published=day(-2000, 0),
        updated=day(-1000, 0),
        # the day itself, the days beside it, and turns of month, year, decade and century
        review_due=draw.choice([TODAY, TODAY - timedelta(1), TODAY + timedelta(1), date(2026, 11, 1),
                                date(2026, 12, 1), date(2025, 12, 31), date(2027, 1, 1), date(2019, 12, 31),
                                date(2030, 1, 1), date(1999, 5, 5), date(2101, 1, 1), None]),
        licence=draw.choice(["CC-BY-4.0", ""]),
        themes=some([TWO_ABOVE, "legemidler", "pasientsikkerhet", "smittevern", "handhygiene", "munnhelse"], 3),
        teaches=some(["krav-fall", "krav-news2", "krav-tomt"], 2),
    )  # fmt: skip


WRITTEN = (
    Resource("w-kreft", "Kreft i brystet", "Om svulster.", "Kreft i brystet oppdages ofte av kvinnen selv."),
    Resource("w-brystkreft", "Brystkreftforløpet", "Om svulster.", "Brystkreft utredes i pakkeforløp."),
    Resource("w-sykehjem", "Natt på sykehjem", "Om nattevakter.", "Sykehjemmet er stille om natten.", language="nb"),
    Resource("w-sjukeheim", "Natt på sjukeheim", "Om nattevakter.", "Sjukeheimen er still om natta.", language="nn"),
    Resource("w-home", "Night in a nursing home", "On night shifts.", "The nursing home is quiet.", language="en"),
    Resource("w-roles", "Sykepleierne på vakt", "Om roller.", "Sjukepleiarane og sykepleierens dag."),
    Resource("w-hyphen", "Digitale kurs", "Om nett.", "En innledning uten ordet.\n\nHer er e-læring å finne."),
    Resource("w-html", "<b>Fall</b> & \"fall\"", "<i>fall</i>", "a < b > c & fall </mark><script>fall</script>"),
    Resource("w-alzheimer", "Alzheimers sykdom", "Om sykdommen.", "Alzheimers sykdom kommer snikende."),
    # twins but for the review date: the first by id has one that has passed
    Resource("w-twin-a", "Hoftebrudd hos voksne", "Om brudd.", "Hoftebrudd opereres.", review_due=date(2026, 11, 20)),
    Resource("w-twin-b", "Hoftebrudd hos voksne", "Om brudd.", "Hoftebrudd opereres.", review_due=date(2026, 11, 21)),
)  # fmt: skip
RESOURCES = (*(_drawn(n) for n in range(80)), *WRITTEN)


def vocabulary_with_two_above(folder: Path) -> Path:
    """Write the bundled vocabulary with one more broader theme of `TWO_ABOVE`."""
    folder.mkdir(parents=True)
    for file in bundled_files():
        shutil.copy(file, folder)
    base = "https://w3id.org/kompetansegraf/tema"
    more = f"\n<{base}/{TWO_ABOVE}> <http://www.w3.org/2004/02/skos/core#broader> <{base}/{ABOVE[0]}> .\n"
    with (folder / "tema.ttl").open("a", encoding="utf-8") as themes:
        themes.write(more)
    return folder


def fill_rows(folder: Path, vocabulary: Path) -> None:
    """Write the bank to a data folder, without an index."""
    engine = open_bank(folder, vocabulary=vocabulary)
    engine.catalogue.upsert(RESOURCES, by="test", at=NOW)
    engine.catalogue.upsert_roles(ROLES, by="test", at=NOW)
    engine.catalogue.upsert_requirements(REQUIREMENTS, by="test", at=NOW)
    engine.catalogue.upsert_plans(PLANS, by="test", at=NOW)
    engine.close()
