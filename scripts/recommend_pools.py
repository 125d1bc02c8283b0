"""Write the sheets from which judges grade resources for the situations of the recommender's golden set.

Usage: python scripts/recommend_pools.py FOLDER

One sheet a situation, ``FOLDER/dev/r01.md`` and so on. What stands on it was found without the recommender; the order is
drawn by lot, and neither who found a resource nor what its editor says it teaches is shown. See tests/golden/recommend/README.md.
"""

import math
import random
import re
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from engine.bootstrap import open_embedder
from engine.passages import passage_hash, passage_texts, split_passages
from engine.settings import Settings
from golden.collection import PlainBm25
from golden.recommending import gaps, obligations_of, running_out, sample, situations, visible

FOUND = 12
"""So many by words and by vectors for each open requirement."""

BY_ROLE = 10
DRAWN = 5
CAP, A_REQUIREMENT = 60, 2.5
"""A pool has at most 60 resources, or what the role and the lot gave and 2.5 for each requirement where that is more."""

WORDS = 80
SEED = "kompetansegraf-recommend-1"


class Finder:
    """The bank by words and by vectors."""

    def __init__(self):
        published = [r for r in sample().resources.values() if r.status == "published"]
        self.words = PlainBm25(published)
        self.model = open_embedder(Settings())
        path = files("indexer").joinpath("data", "sample", "vectors", "multilingual-e5-small-q4.npz")
        with np.load(str(path), allow_pickle=False) as archive:
            if str(archive["model_id"]) != self.model.model_id:
                sys.exit("the packaged vectors are of another model")
            vectors = dict(zip((h.decode() for h in archive["hashes"]), archive["vectors"], strict=True))
        texts = [(r.id, t) for r in published for t in passage_texts(r, split_passages(r.body))]
        self.ids = [id_ for id_, _ in texts]
        missing = [t for _, t in texts if passage_hash(t) not in vectors]
        vectors |= {
            passage_hash(t): v for t, v in zip(missing, self.model.encode(missing, "passage"), strict=True)
        }
        self.matrix = np.stack([vectors[passage_hash(t)] for _, t in texts])

    def by_words(self, text):
        return self.words.rank(text)

    def by_vectors(self, text):
        """A resource is as near as its nearest passage."""
        best = {}
        for id_, near in zip(self.ids, self.matrix @ self.model.encode([text], "query")[0], strict=True):
            best[id_] = max(best.get(id_, -1.0), float(near))
        return sorted(best, key=lambda id_: (-best[id_], id_))


def pool(situation, finder):
    """Return the ids to be judged, in the order of the sheet, and how many of them came of requirements."""
    resources = sample().resources
    seen = {id_ for id_, r in resources.items() if visible(situation, r)}
    languages = list(dict.fromkeys(["nb", situation.language]))
    role = sample().roles[situation.role]
    lists = [
        [id_ for id_ in finder.by_words(role.labels.get(lang, "")) if id_ in seen][:BY_ROLE]
        for lang in languages
    ]
    of_role = round_robin(lists)[:BY_ROLE]
    open_ = [o.requirement for o in (*gaps(situation), *running_out(situation))]
    of_requirements = round_robin([found_for(name, languages, seen, finder) for name in open_])
    lot = random.Random(f"{SEED}/{situation.id}")
    cap = max(CAP, BY_ROLE + DRAWN + math.ceil(A_REQUIREMENT * len(open_)))
    chosen = list(dict.fromkeys(of_role))
    for id_ in of_requirements:
        if len(chosen) >= cap - DRAWN:
            break
        if id_ not in chosen:
            chosen.append(id_)
    chosen += lot.sample(sorted(seen - set(chosen)), DRAWN)
    lot.shuffle(chosen)
    return chosen


def found_for(name, languages, seen, finder):
    """Return what was found for one requirement, the best rank in any list first."""
    requirement = sample().requirements[name]
    labels = [without_code(requirement.labels.get(lang) or requirement.labels["nb"]) for lang in languages]
    meant = f"{labels[0]}. {requirement.description.get('nb', '')}"
    near = [id_ for id_ in finder.by_vectors(meant) if id_ in seen]
    stated = [id_ for id_ in near if name in sample().resources[id_].teaches]
    words = [[id_ for id_ in finder.by_words(label) if id_ in seen][:FOUND] for label in labels]
    return round_robin([stated, *words, near[:FOUND]])


def round_robin(lists):
    longest = max(map(len, lists), default=0)
    return list(dict.fromkeys(row[i] for i in range(longest) for row in lists if i < len(row)))


def without_code(label):
    return re.sub(r"^[A-ZÆØÅ]+-\d+ ", "", label)


def sheet(situation, chosen):
    """Return the sheet as Markdown."""
    known = sample()
    role = known.roles[situation.role].labels["nb"]
    plan = (
        f"{known.plans[situation.plan].labels['nb']} ({situation.plan})"
        if situation.plan
        else "all of the role"
    )
    lines = [
        f"# {situation.id}",
        "",
        situation.text,
        "",
        f"- role: {role} ({situation.role}); place: {place_of(situation)}",
        f"- plan: {plan}",
        f"- edition: {situation.edition or 'felles'}",
        f"- reads: {situation.language}",
        f"- minutes: {situation.minutes or 'no limit'}",
        f"- day: {situation.on}",
        "",
        "## Open",
        *(line for o in gaps(situation) for line in asked(o)),
    ]
    if soon := running_out(situation):
        lines += ["", "## Runs out within 60 days, met today", *(line for o in soon for line in asked(o))]
    met = [o.requirement for o in obligations_of(situation) if not o.gap and o.state != "expires_soon"]
    lines += [
        "",
        "## Done or not needed now",
        "; ".join(without_code(known.requirements[name].labels["nb"]) for name in met) or "nothing",
        "",
        "## Candidates",
    ]
    for number, id_ in enumerate(chosen, 1):
        lines += ["", *card(number, known.resources[id_], situation.on)]
    return "\n".join(lines) + "\n"


def place_of(situation):
    plans = {p for o in obligations_of(situation) for p in o.plans}
    arenas = {sample().plans[p].arena for p in plans} - {None}
    return ", ".join(sorted(arenas)) or "not stated"


def asked(obligation):
    """Return the lines of one requirement, with what of its group is lacking."""
    requirement = sample().requirements[obligation.requirement]
    about = requirement.description.get("nb", "")
    notes = [obligation.necessity, requirement.kind, f"level {requirement.level}"]
    if obligation.state != "not_begun":
        notes.append(obligation.state.replace("_", " "))
    if obligation.due:
        notes.append(f"due {obligation.due}")
    notes += [
        f"one of {g.size}, of which {g.minimum} are needed and {g.met} are met" for g in obligation.groups
    ]
    yield f"- **{requirement.labels['nb']}** ({obligation.requirement}; {'; '.join(notes)})"
    if about:
        yield f"  {about}"


def card(number, resource, on):
    """Return what a judge sees of a resource."""
    words = resource.body.split()
    roles = [sample().roles[r].labels["nb"] if r in sample().roles else r for r in resource.audience]
    minutes = (
        f"{resource.duration} min" if resource.duration else f"minutes not stated, {len(words)} words here"
    )
    review = f"{resource.review_due}" if resource.review_due else "none"
    if resource.review_due and resource.review_due < on:
        review += " (passed)"
    return [
        f"### {number}. {resource.id} {resource.title}",
        "; ".join(
            [
                resource.resource_type,
                f"{minutes}",
                resource.language,
                f"level {resource.level}",
                f"edition {resource.edition}",
                f"to be reviewed by {review}",
            ]
        ),
        f"for: {', '.join(roles) or 'not stated'}; where: {', '.join(resource.arena) or 'not stated'}",
        "",
        f"*{resource.summary}*",
        "",
        " ".join(words[:WORDS]) + (" …" if len(words) > WORDS else ""),
    ]


def main(folder):
    finder = Finder()
    sizes = Counter()
    for situation in situations():
        chosen = pool(situation, finder)
        sizes[situation.split] += len(chosen)
        path = folder / situation.split / f"{situation.id}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sheet(situation, chosen), encoding="utf-8")
        print(f"{situation.id}\t{situation.split}\t{len(gaps(situation))} open\t{len(chosen)} to judge")
    print(dict(sizes))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
