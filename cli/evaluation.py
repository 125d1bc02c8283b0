"""How is search measured? Documents imported, indexed and searched like any bank, then scored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import ir_measures
from ir_measures import RR, R, nDCG

from cli.collection import Document, Judgements
from cli.significance import interval
from engine.bootstrap import load_settings, open_engine
from engine.errors import InvalidRequest
from engine.model import ALL_EDITIONS, Mode, Resource, SearchRequest
from engine.progress import Progress
from engine.search import MAX_K
from engine.service import Engine
from indexer.pipeline import index as run_index
from vocab.language import detect_language

MEASURES = {"nDCG@10": nDCG @ 10, "MRR@10": RR @ 10, "Recall@100": R @ 100}

Run = Mapping[str, Sequence[str]]
"""The documents that each query found, best first."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some queries: how many, the mean of each measure with its 95 % bootstrap interval, how many found nothing."""

    queries: int
    metrics: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    empty: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a run is worth.

    Attributes
    ----------
    overall
        All queries that have a relevant document.
    types
        The same by type of query; empty if queries have no types.
    per_query
        Value of each measure for each query; 0 for a query that found nothing.
    empty
        Queries that found nothing at all, though something is relevant.
    silent
        Of the queries judged to have no answer, those that found nothing, as they should.
    """

    overall: Group
    types: Mapping[str, Group]
    per_query: Mapping[str, Mapping[str, float]]
    empty: tuple[str, ...]
    silent: tuple[str, ...] = ()


class Documents(Protocol):
    """A collection that can be indexed."""

    @property
    def documents(self) -> tuple[Document, ...]:
        """Its texts."""
        ...

    def digest(self) -> str:
        """Return what tells it from others."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """An engine and what its resources are called in the collection."""

    engine: Engine
    names: Mapping[str, str] = field(default_factory=dict)

    def ask(self, queries: Mapping[str, str], mode: Mode = "hybrid") -> dict[str, list[str]]:
        """Search for every query in all editions; blank text finds nothing."""
        request = SearchRequest(mode=mode, k=MAX_K, edition=ALL_EDITIONS, facets=())
        run: dict[str, list[str]] = {}
        for query, text in queries.items():
            hits = self.engine.search(replace(request, text=text)).hits if text.strip() else ()
            run[query] = [self.names.get(h.resource.id, h.resource.id) for h in hits]
        return run


@contextmanager
def indexed(
    collection: Documents,
    data: Path,
    *,
    vectors: bool = True,
    progress: Progress | None = None,
    prepare: Callable[[Engine], None] | None = None,
    languages: Mapping[str, str] | None = None,
) -> Iterator[Asked]:
    """Import and index a collection in a data folder of its own, and give the engine that answers from it.

    Whatever ``KG_DATABASE_URL`` and ``KG_SEARCH_URL`` name is left alone. Documents stand in the common
    edition with the language that is detected; one without a title is named by its first words, since a
    resource must have a name.

    Parameters
    ----------
    collection : Documents
        What is indexed.
    data : Path
        Folder of catalogue, index and vectors.
    vectors : bool, default True
        False makes none, which takes a fraction of the time: enough for searching by words, with the same answers.
    progress : Progress, optional
        Told of documents.
    prepare : callable, optional
        Writes what else the index is made of, before it is made.
    languages : mapping of document to language, optional
        Stated ones, in place of detected ones.

    Raises
    ------
    InvalidRequest
        If the data folder holds resources of something else.
    """
    own: dict[str, object] = {"database_url": None, "search_url": None}
    if not vectors:
        own["embedder"] = "none"
    settings = load_settings(data=data).model_copy(update=own)
    engine = open_engine(settings)
    try:
        mark, stated = collection.digest()[:8], languages or {}
        resources = {f"{mark}-{number:07}": d for number, d in enumerate(collection.documents)}
        if any(r.id not in resources for r in engine.catalogue.all()):
            raise InvalidRequest(
                f"{data} holds other resources; a test collection needs a data folder of its own"
            )
        engine.write_resources(
            (
                Resource(
                    id=i,
                    title=title_of(d),
                    body=d.text,
                    language=stated.get(d.id) or _language(f"{d.title}\n{d.text}"),
                )
                for i, d in resources.items()
            ),
            by="evaluate",
        )
        if prepare:
            prepare(engine)
        run_index(engine, progress=progress)
        yield Asked(engine, {i: d.id for i, d in resources.items()})
    finally:
        engine.close()


@contextmanager
def bank(data: Path | None) -> Iterator[Asked]:
    """Give the engine that answers from the bank that the settings name, as it is."""
    engine = open_engine(load_settings(data=data))
    try:
        yield Asked(engine)
    finally:
        engine.close()


def bank_documents(engine: Engine) -> tuple[Document, ...]:
    """Return the published resources as documents: title, and summary and body as text."""
    return tuple(
        Document(r.id, r.title, f"{r.summary}\n{r.body}") for r in engine.catalogue.all(status="published")
    )


def title_of(document: Document) -> str:
    r"""Return the title, or the first eight words of the text, or the id when there is no text either.

    >>> title_of(Document("d1", " ", "Vask hendene\nofte."))
    'Vask hendene ofte.'
    """
    named = document.title.split() or document.text[:300].split()[:8] or document.id.split() or ["–"]
    return " ".join(named)


def score(judgements: Judgements, run: Run) -> Evaluation:
    """Score a run against judgements.

    Parameters
    ----------
    judgements : Judgements
        Whose queries are scored; those without a relevant document count in `Evaluation.silent` only.
    run : Run
        A query that is missing found nothing.
    """
    queries = list(judgements.queries)
    found = {q: {d: float(len(run[q]) - n) for n, d in enumerate(run[q])} for q in queries if run.get(q)}
    per_query: dict[str, dict[str, float]] = {q: dict.fromkeys(MEASURES, 0.0) for q in queries}
    names = {str(m): n for n, m in MEASURES.items()}
    judged = {q: dict(judgements.qrels[q]) for q in queries}
    for value in ir_measures.iter_calc(list(MEASURES.values()), judged, found):
        per_query[value.query_id][names[str(value.measure)]] = value.value
    empty = tuple(q for q in queries if q not in found)
    members: dict[str, list[str]] = {}
    for q in queries if judgements.types else ():
        members.setdefault(judgements.types[q], []).append(q)
    return Evaluation(
        overall=_group(queries, per_query, empty),
        types={t: _group(members[t], per_query, empty) for t in sorted(members)},
        per_query=per_query,
        empty=empty,
        silent=tuple(q for q in judgements.unanswerable if not run.get(q)),
    )


def _group(
    queries: Sequence[str], per_query: Mapping[str, Mapping[str, float]], empty: Sequence[str]
) -> Group:
    values = {name: [per_query[q][name] for q in queries] for name in MEASURES}
    return Group(
        queries=len(queries),
        metrics={name: sum(v) / len(v) for name, v in values.items()},
        intervals={name: interval(v) for name, v in values.items()},
        empty=len(set(queries) & set(empty)),
    )


def _language(text: str) -> str:
    found = detect_language(text)[0]
    return found if found in {"nb", "nn", "en", "se"} else "nb"
