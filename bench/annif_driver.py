"""What does Annif suggest, with the settings that do best where it learns? Runs in Annif's own environment.

    python -m bench.annif_driver JOB.json OUT.json

Settings are chosen on the training texts alone, by F1@5 over five folds: analyser, label language, hidden labels,
hyper-parameters (Annif's defaults, or what its own search finds), how many suggestions and above which score.
"""

import functools
import itertools
import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bench.tag_scores import CUT, Suggested, hits_of, read_subjects, read_texts

FOLDS = 5
SEED = 20260101
MOST = 100
"""As many suggestions as Annif gives."""

BACKENDS = ("mllm", "tfidf")
ASKED = "asked:"
"""Before the ids of texts that are asked for, which may be those of other texts where it learns."""

STEMMERS = {
    "nb": "norwegian",
    "nn": "norwegian",
    "en": "english",
    "sv": "swedish",
    "da": "danish",
    "fi": "finnish",
}
EVERY = "every"
"""Instead of a language: labels of all languages, given to Annif as if they were of the language of the texts."""

Scored = dict[str, list[tuple[str, float]]]


class Annif:
    """The projects of one training collection.

    Parameters
    ----------
    job
        `train`, `test`, `work`: folders; `language`: of the texts; `labels`: label languages to try; `trials` of
        the search for hyper-parameters, 0 for none.
    """

    def __init__(self, job: dict[str, Any]) -> None:
        from annif.registry import AnnifRegistry
        from annif.vocab import VocabFileSKOS

        _remember_tokens()
        self._job, self._work = job, Path(job["work"])
        self._work.mkdir(parents=True, exist_ok=True)
        self.settings = settings(job["language"], job["labels"])
        config = self._work / "projects.cfg"
        config.write_text(projects(self.settings, job["language"]), encoding="utf-8")
        self._registry = AnnifRegistry(str(config), str(self._work / "data"), init_projects=False)
        for every in sorted({setting["labels"] == EVERY for setting in self.settings}):
            name = "every" if every else "own"
            path = self._work / f"{name}.ttl"
            write_vocabulary(Path(job["train"]), path, as_language=job["language"] if every else "")
            self._registry.get_vocab(name).load_vocabulary(VocabFileSKOS(str(path)), force=True)

    def scored(
        self,
        setting: dict[str, str],
        learn: list[str],
        ask: list[str],
        texts: dict[str, str],
        said: Any,
        **params: Any,
    ) -> Scored:
        """Return concepts with scores, best first, of texts, after learning from others."""
        project = self.taught(setting, learn, texts, said, **params)
        found: Scored = {}
        for at in range(0, len(ask), 32):
            batch = project.suggest([_document(texts[text]) for text in ask[at : at + 32]])
            for text, result in zip(ask[at : at + 32], batch, strict=True):
                best = sorted(result, key=lambda suggestion: -suggestion.score)[:MOST]
                found[text] = [(project.subjects[one.subject_id].uri, float(one.score)) for one in best]
        return found

    def taught(
        self, setting: dict[str, str], learn: list[str], texts: dict[str, str], said: Any, **params: Any
    ) -> Any:
        """Return the project of a setting, trained."""
        np.random.seed(SEED)  # noqa: NPY002 - where its trees take their chance from
        project = self._registry.get_project(setting["id"])
        project.train(self._corpus(project, learn, texts, said), {setting["backend"]: params}, 1)
        return project

    @contextmanager
    def unsaved(self) -> Iterator[None]:
        """Let what is learnt stay in memory, since writing it down takes as long as learning it."""
        import annif.util

        save = annif.util.atomic_save
        annif.util.atomic_save = lambda _, folder, name, *__, **___: Path(folder, name).touch()
        try:
            yield
        finally:
            annif.util.atomic_save = save

    def searched(
        self, setting: dict[str, str], folds: list[list[str]], texts: dict[str, str], said: Any
    ) -> dict[str, str]:
        """Return the hyper-parameters that Annif's own search finds, with the last fold to choose by."""
        learn = [text for fold in folds[:-1] for text in fold]
        project = self.taught(setting, learn, texts, said)
        found = project.hyperopt(
            self._corpus(project, folds[-1], texts, said), self._job["trials"], 1, "F1@5", None
        )
        return dict(line.split("=") for line in found.lines)

    @staticmethod
    def _corpus(project: Any, names: list[str], texts: dict[str, str], said: Any) -> Any:
        from annif.corpus import DocumentList, SubjectSet

        ids = {name: [project.subjects.by_uri(uri) for uri in said.get(name, ())] for name in names}
        return DocumentList(
            [_document(texts[name], SubjectSet([i for i in ids[name] if i is not None])) for name in names]
        )


def _remember_tokens() -> None:
    """Let no text be cut into words twice, which is most of the time that trying settings takes."""
    import nltk.tokenize

    for name in ("word_tokenize", "sent_tokenize"):
        setattr(nltk.tokenize, name, functools.lru_cache(None)(getattr(nltk.tokenize, name)))


def _document(text: str, subjects: Any = None) -> Any:
    from annif.corpus import Document

    return Document(text=text, subject_set=subjects)


def settings(language: str, labels: list[str]) -> list[dict[str, str]]:
    """Return what can be tried: each analyser of the language of the labels, hidden labels off and on."""
    tried = []
    for of in labels:
        spoken = language if of == EVERY else of
        for analyser in (f"snowball({STEMMERS[spoken]})", f"simplemma({spoken})"):
            for hidden in ("false", "true"):
                tried.append({"backend": "mllm", "labels": of, "analyzer": analyser, "hidden": hidden})
    for analyser in (f"snowball({STEMMERS[language]})", f"simplemma({language})"):
        tried.append({"backend": "tfidf", "labels": labels[0], "analyzer": analyser, "hidden": "false"})
    return [setting | {"id": f"{setting['backend']}-{number}"} for number, setting in enumerate(tried)]


def projects(tried: list[dict[str, str]], language: str) -> str:
    """Return Annif's configuration of all settings."""
    sections = []
    for setting in tried:
        spoken = language if setting["labels"] == EVERY else setting["labels"]
        vocabulary = "every" if setting["labels"] == EVERY else "own"
        lines = [
            f"[{setting['id']}]",
            f"name={setting['id']}",
            f"language={spoken}",
            f"backend={setting['backend']}",
            f"analyzer={setting['analyzer']}",
            f"vocab={vocabulary}({spoken})",
            f"limit={MOST}",
        ]
        if setting["backend"] == "mllm":
            lines.append(f"use_hidden_labels={setting['hidden']}")
        sections.append("\n".join(lines))
    return "\n\n".join(sections) + "\n"


def write_vocabulary(train: Path, target: Path, as_language: str = "") -> None:
    """Write the concepts of the schemes that the training texts have concepts of.

    With `as_language`, labels of every language become labels of that one, since Annif matches one alone.
    """
    from rdflib import RDF, SKOS, Graph, Literal, URIRef

    graph = Graph().parse(train / "vocabulary.ttl")
    said = {URIRef(concept) for concepts in read_subjects(train).values() for concept in concepts}
    schemes = {scheme for concept in said for scheme in graph.objects(concept, SKOS.inScheme)}
    kept = said | {concept for scheme in schemes for concept in graph.subjects(SKOS.inScheme, scheme)}
    for concept in set(graph.subjects(RDF.type, SKOS.Concept)) - kept if schemes else ():
        graph.remove((concept, None, None))
    for kind in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel) if as_language else ():
        for concept, _, label in list(graph.triples((None, kind, None))):
            if label.language != as_language:
                graph.remove((concept, kind, label))
                other = SKOS.altLabel if kind == SKOS.prefLabel else kind
                graph.add((concept, other, Literal(str(label), lang=as_language)))
    graph.serialize(target, format="turtle")


def folded(names: list[str]) -> list[list[str]]:
    """Return the texts in folds, by a fixed draw."""
    order = np.random.default_rng(SEED).permutation(len(names))
    return [[names[at] for at in sorted(order[fold::FOLDS])] for fold in range(FOLDS)]


def best_cut(scored: Scored, said: Any) -> tuple[float, dict[str, Any]]:
    """Return the best F1@5 and how it is had: the limit, the threshold, and that of the best concept of a text.

    Examples
    --------
    >>> best_cut({"x": [("a", 0.9), ("b", 0.2)], "y": [("c", 0.4)]}, {"x": ["a"], "y": ["c"]})
    (1.0, {'limit': 1, 'threshold': 0.4, 'first': 0.4})
    """
    steps = [round(step / 100, 2) for step in range(100)]
    cuts = [
        {"limit": limit, "threshold": at, "first": first}
        for limit, at in itertools.product(range(1, CUT + 1), steps)
        for first in {at, 0.0}
    ]
    values = [(f1(kept(scored, **cut), said), cut) for cut in cuts]
    best = max(value for value, _ in values)
    return best, max(
        (cut for value, cut in values if value == best),
        key=lambda cut: (-cut["limit"], cut["first"] == cut["threshold"], cut["threshold"]),
    )


def f1(answers: dict[str, Suggested], said: Any) -> float:
    """Return the mean F1@5 over the texts with concepts."""
    counts = [hits_of(answer, set(said[text])) for text, answer in answers.items() if said.get(text)]
    return sum(2 * hits / both for hits, both in counts) / max(len(counts), 1)


def kept(scored: Scored, limit: int, threshold: float, first: float) -> dict[str, Suggested]:
    """Return suggestions as answers: the best from the score `first` on, others from `threshold`, to the limit."""
    return {
        text: Suggested(
            tuple(uri for uri, _ in found),
            sum(
                score > 0 and score >= (threshold if place else first)
                for place, (_, score) in enumerate(found[:limit])
            ),
        )
        for text, found in scored.items()
    }


def run(job: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield for each backend what was chosen, with its figure where it learns, and what it suggests."""
    annif = Annif(job)
    train, test = (Path(job[part]) for part in ("train", "test"))
    texts, said = read_texts(train), read_subjects(train)
    asked = {f"{ASKED}{name}": text for name, text in read_texts(test).items()}
    folds = folded(sorted(texts))

    def tried(setting: dict[str, str], params: dict[str, str]) -> dict[str, Any]:
        found: Scored = {}
        with annif.unsaved():
            for fold in folds:
                learn = [text for text in texts if text not in fold]
                found |= annif.scored(setting, learn, fold, texts, said, **params)
        value, cut = best_cut(found, said)
        return {"setting": setting, "parameters": params, "F1@5": value, "cut": cut}

    for backend in BACKENDS:
        began = time.perf_counter()
        of_backend = [setting for setting in annif.settings if setting["backend"] == backend]
        results = [tried(setting, {}) for setting in of_backend if setting["hidden"] == "false"]
        best = max(results, key=_value)
        if backend == "mllm":
            same = ("labels", "analyzer")
            hidden = [
                s
                for s in of_backend
                if s["hidden"] == "true" and all(s[k] == best["setting"][k] for k in same)
            ]
            results += [tried(setting, {}) for setting in hidden]
            best = max(results, key=_value)
            if job["trials"]:
                results.append(tried(best["setting"], annif.searched(best["setting"], folds, texts, said)))
                best = max(results, key=_value)
        chosen = time.perf_counter()
        scored = annif.scored(
            best["setting"], list(texts), list(asked), texts | asked, said, **best["parameters"]
        )
        suggested = {text.removeprefix(ASKED): found for text, found in scored.items()}
        seconds = {"to choose": chosen - began, "to learn and suggest": time.perf_counter() - chosen}
        yield backend, {"chosen": best, "tried": results, "seconds": seconds, "suggested": suggested}


def _value(result: dict[str, Any]) -> float:
    return float(result["F1@5"])


def main() -> None:
    """Run a job."""
    logging.getLogger("annif").setLevel(logging.ERROR)
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps(dict(run(job)), ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
