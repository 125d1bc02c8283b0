"""In which other forms may the same question be typed? One letter off, inflected, split, in the other written form.

Every kind is made by rule from Apertium's dictionary, none by the analysis that is being measured, and always the same
way for the same query id and text. A query has no variant of a kind that would not differ from it.

Usage: python scripts/query_variants.py          (writes tests/golden/variants.tsv)
       python scripts/query_variants.py --check  (exit code 1 if the file would change)
"""

import csv
import random
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import apertium

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
KINDS = ("typo", "plural", "definite", "compound_split", "nynorsk", "bokmaal")
DICTIONARY = "1.5.0-1"  # that variants.tsv was made with
LETTERS = "abcdefghijklmnoprstuvyæøå"
TYPO_WORD = 5  # shortest word that is misspelt [letters]
SPLIT_PART = 3  # shortest part of a word taken apart [letters]
TRIES = 60
_WORD = re.compile(r"[^\W\d_]+")


class Query(NamedTuple):
    """What is asked; `language` is nb, nn or en."""

    id: str
    text: str
    language: str = "nb"


class Variant(NamedTuple):
    """The same question in another form."""

    query: str
    kind: str
    text: str


def variants(queries: Sequence[Query], kinds: Iterable[str] = KINDS) -> list[Variant]:
    """Return the variants of each query, sorted by query and kind; needs Apertium's programs."""
    wanted = set(kinds)
    if unknown := wanted - set(KINDS):
        raise ValueError(f"no such kind: {', '.join(sorted(unknown))}")
    found: list[Variant] = []
    if "typo" in wanted:
        found += _typos(queries)
    for language, other in (("nb", "nynorsk"), ("nn", "bokmaal")):
        mine = [q for q in queries if q.language == language]
        if other in wanted:
            texts = apertium.translate([q.text for q in mine], language)
            found += [Variant(q.id, other, t) for q, t in zip(mine, texts, strict=True)]
        if wanted & {"plural", "definite"}:
            found += _inflected(mine, language, wanted)
        if "compound_split" in wanted:
            found += _split(mine, language)
    texts = {q.id: q.text for q in queries}
    return sorted(v for v in found if v.text.casefold() != texts[v.query].casefold())


def _typos(queries: Sequence[Query]) -> list[Variant]:
    """One edit (a letter lost, added, changed, or two swapped) in one word; never into a word that exists."""
    tries = {q.id: list(_misspelt(q)) for q in queries}
    words = {w.lower() for found in tries.values() for _, w in found}
    real = {language: apertium.readings(sorted(words), language) for language in ("nb", "nn")}
    out = []
    for q in queries:
        texts = (t for t, w in tries[q.id] if not any(_a_word(known[w.lower()]) for known in real.values()))
        if text := next(texts, None):
            out.append(Variant(q.id, "typo", text))
    return out


def _a_word(readings: Sequence[str]) -> bool:
    return any("<compound-only-L>" not in r for r in readings)


def _misspelt(query: Query) -> Iterable[tuple[str, str]]:
    words = [m for m in _WORD.finditer(query.text) if len(m[0]) >= TYPO_WORD and not m[0].isupper()]
    chance = random.Random(f"typo {query.id} {query.text}")
    for _ in range(TRIES if words else 0):
        at = chance.choice(words)
        word = at[0]
        place, letter = chance.randrange(len(word)), chance.choice(LETTERS)
        match chance.choice(("lost", "added", "changed", "swapped")):
            case "lost":
                edited = word[:place] + word[place + 1 :]
            case "added":
                edited = word[:place] + letter + word[place:]
            case "changed":
                edited = word[:place] + letter + word[place + 1 :]
            case _:
                edited = word[:place] + word[place : place + 2][::-1] + word[place + 2 :]
        if edited.casefold() != word.casefold():
            yield query.text[: at.start()] + edited + query.text[at.end() :], edited


def _inflected(queries: Sequence[Query], language: str, wanted: set[str]) -> list[Variant]:
    """The last noun that can be: made plural, made definite."""
    changes = {"plural": ("<sg>", "<pl>"), "definite": ("<ind>", "<def>")}
    asked: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for q, words in zip(queries, apertium.read([q.text for q in queries], language), strict=True):
        for word, reading in reversed(words):
            noun = reading.rsplit("+", 1)[-1]
            if not re.search(r"<n>.*<(sg|pl)><(ind|def)>$", noun) or word.isupper() or len(word) < 3:
                continue  # abbreviations and letters are not inflected
            for kind in wanted & changes.keys():
                before, after = changes[kind]
                if before in noun:
                    asked.setdefault((q.id, kind), []).append((word, noun, noun.replace(before, after)))
    made = apertium.generate([f for found in asked.values() for _, a, b in found for f in (a, b)], language)
    out = []
    texts = {q.id: q.text for q in queries}
    for (query, kind), found in asked.items():
        for word, noun, form in found:
            now, then = made.get(noun, ""), made.get(form, "")
            if now and then and now != then and word.lower().endswith(now.lower()):
                new = word[: len(word) - len(now)] + then
                out.append(Variant(query, kind, _replaced(texts[query], word, new)))
                break
    return out


def _split(queries: Sequence[Query], language: str) -> list[Variant]:
    """The longest word that is made of two, written as two, the linking letter where it was."""
    read = apertium.read([q.text for q in queries], language)
    lemmas = {w.lower(): _lemma_length(r) for words in read for w, r in words if _WORD.fullmatch(w)}
    cuts = {
        w: [(w[:i], w[i:]) for i in range(SPLIT_PART, min(len(w), lemma) - SPLIT_PART + 1)]
        for w, lemma in lemmas.items()
    }
    pieces = {p for pairs in cuts.values() for a, b in pairs for p in (a, a[:-1], b) if len(p) > 1}
    known = apertium.readings(sorted(pieces), language)
    best = {w: at for w, pairs in cuts.items() if (at := _best_cut(pairs, known)) is not None}
    out = []
    for q in queries:
        able = [w for w in _WORD.findall(q.text) if w.lower() in best]
        if able:
            word = max(able, key=len)
            at = best[word.lower()]
            out.append(Variant(q.id, "compound_split", _replaced(q.text, word, f"{word[:at]} {word[at:]}")))
    return out


def _lemma_length(reading: str) -> int:
    """Length of the base form [letters]: a cut behind it would take an ending for a word; 0 for an unknown word."""
    if "<cmp>" in reading:
        return sys.maxsize  # known to be made of several
    return 0 if reading.startswith("*") else len(re.sub(r"<[^>]*>", "", reading))


def _best_cut(pairs: Sequence[tuple[str, str]], known: Mapping[str, Sequence[str]]) -> int | None:
    """Return where to cut: no linking letter before one, nouns before verbs, four letters before three, late before early."""
    found = []
    for left, right in pairs:
        if not any("<n>" in r and "<cmp>" not in r for r in known[right]):
            continue
        for linked, stem in ((False, left), (True, left[:-1] if left[-1] in "se" else "")):
            kinds = [r for r in known.get(stem, ()) if re.search(r"<n>.*<sg><ind>|<inf>", r)]
            if len(stem) >= SPLIT_PART and kinds:
                noun = any("<n>" in r for r in kinds)
                found.append((min(len(left), len(right)) >= 4, not linked, noun, len(left)))
    return max(found)[3] if found else None


def _replaced(text: str, word: str, new: str) -> str:
    """Put `new` for the last `word` of a text, which may be several words in the dictionary's eyes."""
    return re.sub(rf"(?s)(.*)(?<!\w){re.escape(word)}(?!\w)", lambda m: m[1] + new, text, count=1)


def golden_rows() -> list[Variant]:
    """Return what tests/golden/variants.tsv must hold: all that is made, but for what a reader found to be wrong."""
    with (GOLDEN / "queries.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    with (GOLDEN / "variants_left_out.tsv").open(encoding="utf-8", newline="") as lines:
        wrong = {
            (r["query"], r["kind"]) for r in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        }
    twice = {
        r["id"] for r in rows if r["group"] == "typo"
    }  # repeat plain queries: nothing but a second slip for them
    made = variants([Query(r["id"], r["text"], r["lang"]) for r in rows])
    kept = (v._replace(kind="two_typos") if v.query in twice and v.kind == "typo" else v for v in made)
    return [
        v for v in kept if (v.query, v.kind) not in wrong and (v.kind == "two_typos") == (v.query in twice)
    ]


def main() -> int:
    """Write the golden queries' variants, or check that they are what would be written."""
    if lacking := apertium.obstacle():
        print(lacking, file=sys.stderr)
        return 2
    path = GOLDEN / "variants.tsv"
    text = "".join("\t".join(row) + "\n" for row in [("query", "kind", "text"), *golden_rows()])
    if "--check" in sys.argv:
        return 0 if path.read_text(encoding="utf-8") == text else 1
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
