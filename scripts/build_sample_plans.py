"""Make the sample roles, requirements and plans from the folder of gathered facts.

    python scripts/build_sample_plans.py FOLDER [OUTPUT]

FOLDER holds skeleton.csv, krav_meta.csv, rolle_krav.csv, helsepersonell_33.csv, lis_fkm_2025.csv and
lis_nuk_2025.csv. Titles of regulated objectives and everything invented stand in
sample_plan_texts.json beside this script. The same input gives the same output, byte for byte.
"""

import csv
import hashlib
import json
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from graph.model import Plan, PlanLine, Requirement, Role
from graph.order import check_prerequisites, order_requirements
from graph.records import (
    plan_from_record,
    plan_to_record,
    requirement_from_record,
    requirement_to_record,
    role_from_record,
    role_to_record,
)
from vocab.concept import ConceptId

LANGS = ("nb", "nn", "en")
INPUT = (
    "skeleton.csv",
    "krav_meta.csv",
    "rolle_krav.csv",
    "helsepersonell_33.csv",
    "lis_fkm_2025.csv",
    "lis_nuk_2025.csv",
)
TEXTS = json.loads((Path(__file__).parent / "sample_plan_texts.json").read_text(encoding="utf-8"))

PREREQUISITES = {
    "krav-smittevern": ("krav-handhygiene",),
    "krav-smittevernkontakt": ("krav-smittevern",),
    "krav-dhlr": ("krav-bhlr-voksen",),
    "krav-ahlr": ("krav-bhlr-voksen",),
    "krav-nyfodt-hlr": ("krav-bhlr-barn",),
    "krav-hlr-instruktor": ("krav-bhlr-voksen",),
    "krav-sepsis": ("krav-news2",),
    "krav-triage": ("krav-news2",),
    "krav-slag": ("krav-news2",),
    "krav-traume": ("krav-isbar",),
    "krav-lmh-delegering": ("krav-lmh-grunnkurs", "krav-legemiddelregning"),
    "krav-iv": ("krav-lmh-grunnkurs", "krav-legemiddelregning"),
    "krav-injeksjon": ("krav-lmh-grunnkurs",),
    "krav-infusjonspumpe": ("krav-mtu",),
    "krav-smertepumpe": ("krav-lmh-grunnkurs", "krav-mtu"),
    "krav-vaksinering": ("krav-anafylaksi",),
    "krav-pvk": ("krav-handhygiene",),
    "krav-cvk": ("krav-smittevern",),
    "krav-kateter": ("krav-smittevern",),
    "krav-trakeostomi": ("krav-oksygen",),
    "krav-personlofter": ("krav-forflytning",),
    "krav-map": ("krav-vold-trusler",),
    "krav-verneombud": ("krav-hms",),
    "fkm-001": ("fkms-001",),
    "fkm-002": ("fkms-002",),
    "fkm-003": ("fkms-003",),
    "fkm-005": ("fkmk-002",),
    "fkm-008": ("fkms-005",),
    "fkm-009": ("fkm-008",),
    "fkm-012": ("fkms-006", "fkmk-006"),
    "fkm-013": ("fkms-007",),
    "nuk-104": ("nuk-103",),
    "nuk-111": ("nuk-103",),
    "nuk-112": ("nuk-111",),
    "nuk-113": ("nuk-108",),
    "nuk-109": ("nuk-108",),
    "nuk-128": ("nuk-127",),
    "nuk-150": ("nuk-149",),
    "nuk-151": ("nuk-149",),
    "nuk-152": ("nuk-151",),
    "nuk-164": ("nuk-163",),
    "nuk-172": ("nuk-171",),
    "nuk-176": ("nuk-175",),
}
ADVANCED = (
    "ahlr",
    "nyfodt-hlr",
    "traume",
    "trakeostomi",
    "cvk",
    "ctg",
    "fodselskomplikasjon",
    "hlr-instruktor",
)
INTERMEDIATE = [
    "sepsis",
    "anafylaksi",
    "akuttmedisin-legevakt",
    "vold-legevakt",
    "triage",
    "slag",
    "lmh-delegering",
    "iv",
    "transfusjon",
    "cytostatika",
    "infusjonspumpe",
    "smertepumpe",
    "sar",
    "kateter",
    "pvk",
    "sonde",
    "selvmordsforebygging",
    "map",
    "tvang-phv",
    "praksisveiledning",
    "lederopplaering",
    "verneombud",
    "smittevernkontakt",
    "utrykning",
    "mr-sikkerhet",
    "stralevern",
]
FIRST = ("krav-autorisasjon", "krav-nyansatt", "krav-taushetsplikt")
FUNCTIONS = ("praksisveileder", "hlr-instruktor", "smittevernkontakt", "verneombud")
SHARED_BY = {
    "plan-akuttsykepleier-akuttmottak": ("ahus", "oslo"),
    "plan-psykiatrisk-sykepleier-dps": ("innlandet",),
    "plan-miljoterapeut-psykisk-helsevern": ("ostfold", "vestfold"),
    "plan-jordmor-fodeavdeling": ("ahus", "innlandet", "ostfold"),
    "plan-renholder-sykehus": ("ostfold",),
    "plan-ergoterapeut-kommunal-rehab": ("vestfold",),
}
LOCAL_LINES = {
    "plan-hjemmesykepleier-hjemmetjeneste": (
        PlanLine("krav-beredskap", "anbefalt", edition="ahus"),
        PlanLine("krav-lmh-grunnkurs", "obligatorisk", validity=24, edition="vestfold"),
    ),
    "plan-sykepleier-sengepost-sengepost": (
        PlanLine("krav-slag", "betinget", edition="ahus"),
        PlanLine("krav-infusjonspumpe", "obligatorisk", edition="oslo"),
    ),
    "plan-sykepleier-sykehjem-sykehjem": (
        PlanLine("krav-news2", "obligatorisk", validity=12, edition="ostfold"),
        PlanLine("krav-hms", "anbefalt", edition="innlandet"),
    ),
    "plan-helsefagarbeider-hjemmetjeneste": (PlanLine("krav-palliasjon", "anbefalt", edition="innlandet"),),
    "plan-legevaktsykepleier-legevakt": (PlanLine("krav-slag", "obligatorisk", edition="vestfold"),),
}
FKM_SCHEME = {
    "A2": "fkm/fkm-etikk",
    "A3": "fkm/fkm-kommunikasjon",
    "A4": "fkm/fkm-opplaering",
    "A5": "fkm/fkm-forebygging",
    "A6": "fkm/fkm-forskning",
    "A7": "fkm/fkm-kvalitet",
    "A8": "fkm/fkm-lovverk",
    "A9": "fkm/fkm-system",
}
REGULATION = "spesialistforskriften vedlegg 2"
APPROVED_BY_LEADER = "godkjenning av leder i Kompetanseportalen"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def labels(row: dict[str, str], without: str = "") -> dict[str, str]:
    found = {lang: row[f"prefLabel_{lang}"] for lang in LANGS}
    for qualifier in filter(None, without.split("|")):
        found = {lang: text.removesuffix(f" ({qualifier})") for lang, text in found.items()}
    return found


def kind_by_verification(text: str) -> str:
    if any(word in text for word in ("praktisk utsjekk", "praktisk øvelse", "sertifisering")):
        return "practical_approval"
    if any(word in text for word in ("simulering", "øvelse")):
        return "skill"
    if any(
        word in text
        for word in ("tillatelse", "oppslag", "erklæring", "bevis", "fagprøve", "førerkort", "godkjenning")
    ):
        return "formal"
    return "knowledge"


def kind_by_wording(objective: str) -> str:
    text = objective.lower()
    return "skill" if "selvstendig" in text or "under supervisjon" in text else "knowledge"


def level_by_wording(objective: str) -> str:
    if "elvstendig" in objective:
        return "avansert"
    return "videregaende" if "upervisjon" in objective or "god kunnskap" in objective else "grunnleggende"


def read_roles(folder: Path) -> list[Role]:
    hpr = {row["rolle_id"]: row["kode_9060"] for row in rows(folder / "helsepersonell_33.csv")}
    arenas = defaultdict(list)
    for row in rows(folder / "rolle_krav.csv"):
        if row["arena_id"] not in arenas[row["rolle_id"]]:
            arenas[row["rolle_id"]].append(row["arena_id"])
    roles = []
    for row in rows(folder / "skeleton.csv"):
        if row["scheme"] != "rolle":
            continue
        codes = [m.split(":")[2] for m in row["mappings"].split("|") if m.split(":")[1:2] == ["styrk08"]]
        roles.append(
            Role(
                row["id"],
                labels(row),
                ConceptId(f"rolle/{row['id']}"),
                row["parent"].split("|")[0] or None,
                hpr.get(row["id"]),
                codes[0] if codes else None,
                tuple(arenas.get(row["id"], ())),
            )
        )
    roles.append(Role("lis3-nuk", TEXTS["roles"]["lis3-nuk"], None, "lis3", arenas=("sykehus",)))
    return sorted(roles, key=lambda role: role.id)


def read_requirements(folder: Path) -> list[Requirement]:
    skeleton = {row["id"]: row for row in rows(folder / "skeleton.csv") if row["scheme"] == "krav"}
    found = []
    for row in rows(folder / "krav_meta.csv"):
        name, short = row["krav_id"], row["krav_id"].removeprefix("krav-")
        concept = skeleton[name]
        related = [ConceptId(part) for part in concept["related"].split("|") if part]
        sure = (
            row["intervall_mnd"] == "0"
            and "sikker" in row["sikkerhet"]
            and "eksempel" not in row["sikkerhet"]
        )
        found.append(
            Requirement(
                name,
                labels(concept, "krav|requirement"),
                TEXTS["descriptions"].get(name, {}),
                (*related, ConceptId(f"krav/{name}")),
                kind_by_verification(row["verifikasjon"]),
                "avansert"
                if short in ADVANCED
                else "videregaende"
                if short in INTERMEDIATE
                else "grunnleggende",
                int(row["intervall_mnd"]) or None,
                row["verifikasjon"],
                row["hjemmel"],
                PREREQUISITES.get(name, ()),
                example=not sure,
            )
        )
    return found


def read_objectives(folder: Path) -> list[Requirement]:
    found = []
    for row in rows(folder / "lis_fkm_2025.csv"):
        name = row["kode"].lower()
        title = TEXTS["fkm"][row["kode"]]
        found.append(
            Requirement(
                name,
                {lang: f"{row['kode']} {title[lang]}" for lang in LANGS},
                {"nb": row["laeringsmaal"]},
                tuple(ConceptId(c) for c in (*title["concepts"], FKM_SCHEME[row["kapittel"]])),
                kind_by_wording(row["laeringsmaal"]),
                level_by_wording(row["laeringsmaal"]),
                None,
                APPROVED_BY_LEADER,
                f"{REGULATION} (FOR-2025-01-24-114)",
                PREREQUISITES.get(name, ()),
                row["kode"],
                "krav-fkm",
                example=False,
            )
        )
    for row in rows(folder / "lis_nuk_2025.csv"):
        name, chapter = row["kode"].lower(), TEXTS["nuk"][row["kapittel"]]
        found.append(
            Requirement(
                name,
                {"nb": f"{row['kode']} {short_title(row['laeringsmaal'])}"}
                | {lang: f"{row['kode']} ({chapter[lang]})" for lang in ("nn", "en")},
                {"nb": row["laeringsmaal"]},
                tuple(ConceptId(c) for c in (*chapter["concepts"], "spesialitet/nuk")),
                kind_by_wording(row["laeringsmaal"]),
                level_by_wording(row["laeringsmaal"]),
                None,
                APPROVED_BY_LEADER,
                f"{REGULATION} (FOR-2025-01-17-51)",
                PREREQUISITES.get(name, ()),
                row["kode"],
                example=False,
            )
        )
    for name, text in (TEXTS["fkm_old"] | TEXTS["hea"]).items():
        apprentice = name.startswith("hea-")
        found.append(
            Requirement(
                name,
                {lang: text[lang] for lang in LANGS},
                {lang: TEXTS["invented"][lang] for lang in LANGS},
                tuple(ConceptId(c) for c in text["concepts"]),
                text.get("kind", "skill"),
                text.get("level", "grunnleggende"),
                None,
                "godkjenning av faglig leder" if apprentice else APPROVED_BY_LEADER,
                "læreplan HEA03-03 (LK20), innhold oppdiktet" if apprentice else "oppdiktet",
                tuple(text.get("prerequisites", ())),
                text["code"],
                "krav-laerling-hea" if apprentice else "krav-fkm",
            )
        )
    return found


def short_title(objective: str) -> str:
    text = objective.split(". ", maxsplit=1)[0].rstrip(".")
    for opening in (
        "Ha god kunnskap om og selvstendig kunne ",
        "Ha god kunnskap om og selvstendig ",
        "Ha god kunnskap om og under supervisjon kunne ",
        "Ha kunnskap om og under supervisjon kunne ",
        "Ha god kunnskap om ",
        "Ha kunnskap om ",
        "Ha kjennskap til ",
        "Selvstendig kunne ",
        "Under supervisjon kunne ",
        "Under supervisjon ",
    ):
        if text.startswith(opening):
            text = text.removeprefix(opening)
            break
    return text.split(", herunder")[0].split(", samt")[0].split(", inkludert")[0]


def in_order(lines: list[PlanLine], known: dict[str, Requirement]) -> tuple[PlanLine, ...]:
    """Number the lines: the first day's, then as in krav_meta.csv with prerequisites before."""
    place = {name: number for number, name in enumerate(known)} | {
        name: number - 9 for number, name in enumerate(FIRST)
    }
    level_free = {name: requirement_without_level(requirement) for name, requirement in known.items()}
    sequence = order_requirements((line.requirement for line in lines), level_free, place)
    numbered = sorted(lines, key=lambda line: (sequence.index(line.requirement), line.edition or ""))
    return tuple(
        PlanLine(
            line.requirement,
            line.necessity,
            10 * (sequence.index(line.requirement) + 1),
            line.validity,
            line.edition,
            line.group,
            line.group_minimum,
        )
        for line in numbered
    )


def requirement_without_level(requirement: Requirement) -> Requirement:
    return Requirement(requirement.id, requirement.labels, prerequisites=requirement.prerequisites)


def read_plans(folder: Path, roles: list[Role], known: dict[str, Requirement]) -> list[Plan]:
    role_labels = {role.id: role.labels for role in roles}
    arena_labels = {
        row["id"]: labels(row) for row in rows(folder / "skeleton.csv") if row["scheme"] == "arena"
    }
    profiles: dict[tuple[str, str], list[PlanLine]] = defaultdict(list)
    for row in rows(folder / "rolle_krav.csv"):
        profiles[row["rolle_id"], row["arena_id"]].append(PlanLine(row["krav_id"], row["kravtype"]))
    plans = []
    for (role, arena), lines in profiles.items():
        name = f"plan-{role}" if role == arena else f"plan-{role}-{arena}"
        title = {"nb": "Kompetanseplan for", "nn": "Kompetanseplan for", "en": "Competence plan for"}
        function = role in FUNCTIONS
        plans.append(
            Plan(
                name,
                {
                    lang: f"{title[lang]} {role_labels[role][lang]} – {arena_labels[arena][lang]}"
                    for lang in LANGS
                },
                in_order([*lines, *LOCAL_LINES.get(name, ())], known),
                (role,),
                arena,
                "apprentice" if role.startswith("laerling") else "function_plan" if function else "role_plan",
                "fagansvarlig for kompetanseplan (eksempel)",
                SHARED_BY.get(name, ("felles",)),
                "2025.1",
                date(2025, 1, 1),
                source=TEXTS["sources"]["profile"],
                sample=True,
            )
        )
    for record in TEXTS["plans"]:
        lines = [
            PlanLine(**{"requirement": name, "necessity": "obligatorisk"} | part["line"])
            for part in record["parts"]
            for name in (
                part.get("requirements") or sorted(n for n in known if n.startswith(tuple(part["starting"])))
            )
        ]
        fields = {key: value for key, value in record.items() if key != "parts"}
        whole = plan_from_record({**fields, "sample": True})
        plans.append(
            plan_from_record(
                {
                    **plan_to_record(whole),
                    "lines": plan_to_record(Plan("", {}, in_order(lines, known)))["lines"],
                }
            )
        )
    return sorted(plans, key=lambda plan: plan.id)


def write(path: Path, records: list[dict[str, object]]) -> None:
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")
    print(f"{len(records):4} {path}", file=sys.stderr)


def main(folder: Path, output: Path) -> None:
    roles = read_roles(folder)
    requirements = read_requirements(folder) + read_objectives(folder)
    check_prerequisites(requirements)
    known = {requirement.id: requirement for requirement in requirements}
    concepts = {f"{row['scheme']}/{row['id']}" for row in rows(folder / "skeleton.csv")}
    if unknown := {c for r in requirements for c in r.concepts} - concepts:
        sys.exit(f"no such concept: {', '.join(sorted(unknown))}")
    plans = read_plans(folder, roles, known)
    if unknown := {line.requirement for plan in plans for line in plan.lines} - known.keys():
        sys.exit(f"no such requirement: {', '.join(sorted(unknown))}")
    if unknown := {name for plan in plans for name in plan.roles} - {role.id for role in roles}:
        sys.exit(f"no such role: {', '.join(sorted(unknown))}")
    output.mkdir(parents=True, exist_ok=True)
    role_records = [role_to_record(role) for role in roles]
    requirement_records = [requirement_to_record(known[name]) for name in sorted(known)]
    plan_records = [plan_to_record(plan) for plan in plans]
    if [role_from_record(r) for r in role_records] != roles or [
        plan_from_record(r) for r in plan_records
    ] != plans:
        sys.exit("a role or a plan does not survive writing and reading")
    if [requirement_from_record(r) for r in requirement_records] != [known[name] for name in sorted(known)]:
        sys.exit("a requirement does not survive writing and reading")
    write(output / "roles.jsonl", role_records)
    write(output / "requirements.jsonl", requirement_records)
    write(output / "plans.jsonl", plan_records)
    table = "".join(
        f"| {name} | `{hashlib.sha256((folder / name).read_bytes()).hexdigest()}` |\n" for name in INPUT
    )
    text = (Path(__file__).parent / "sample_plan_sources.md").read_text(encoding="utf-8")
    (output / "SOURCES.md").write_text(text.replace("INPUT_FILES\n", table), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) == 3 else ROOT / "indexer/data/sample/plans"))
