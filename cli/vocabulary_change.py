"""What would another vocabulary change, and how does it come into use? `kompetansegraf vocab diff` and `vocab import`."""

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import RichProgress, plain_record, print_index, print_json
from cli.vocabulary_report import print_change

if TYPE_CHECKING:
    from engine.ports import VocabularyStore
    from engine.service import Engine
    from indexer.golden import Judgements
    from indexer.pipeline import IndexReport
    from indexer.vocabulary_change import Impact
    from vocab.comparison import VocabularyChanges
    from vocab.crosswalk import MappingProposal
    from vocab.integrity import Finding
    from vocab.skos import SkosContent
    from vocab.vocabulary import Vocabulary

CURRENT, BUNDLED = "current", "bundled"

MAP_FROM = 0.8
"""Confidence from which a proposed exact or close match is kept; the others are listed for an editor."""

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of catalogue, index and caches. Default: KG_DATA, else ./kompetansegraf-data."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, write nothing.")]
Golden = Annotated[
    Path | None,
    typer.Option(
        help="Golden queries: a table (query, resource, grade) or a folder in BEIR layout. Default: KG_GOLDEN."
    ),
]
Index = Annotated[bool, typer.Option("--index", help="Bring the index up to date as well.")]
Force = Annotated[
    bool, typer.Option("--force", help="Take it into use in spite of integrity errors in our own concepts.")
]


@dataclass(frozen=True, slots=True)
class ChangeReport:
    """A change of the vocabulary: versions, what is different, what that changes here, whether it was done.

    `findings` are the integrity findings that the vocabulary in use has not; `source` tells of an import.
    """

    old: str
    new: str
    changes: "VocabularyChanges"
    findings: "tuple[Finding, ...]"
    impact: "Impact"
    applied: bool
    index: "IndexReport | None" = None
    source: dict[str, Any] | None = None


def diff(
    old: Annotated[str, typer.Argument(help="File or folder of SKOS, `current` or `bundled`.")],
    new: Annotated[str, typer.Argument(help="The same; without --dry-run it comes into use.")],
    data: Data = None,
    dry_run: DryRun = False,
    golden: Golden = None,
    index: Index = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="NEW may lack whole schemes that are in use now.")
    ] = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Tell what would change with another vocabulary in every resource, requirement and answer, then take it into use."""
    from engine.bootstrap import load_settings, open_engine, open_vocabulary_store
    from engine.errors import InvalidRequest

    settings = load_settings(data=data)
    with closing(open_engine(settings)) as engine:
        store = open_vocabulary_store(settings)
        before, after = (_opened(place, engine, store) for place in (old, new))
        if not dry_run:
            if before.version != store.open().version:
                raise InvalidRequest(
                    f"{old} is not the vocabulary in use, so the list would not be what changes: "
                    "compare with `current`, or use --dry-run"
                )
            lacking = [s.id for s in before.schemes if after.scheme(s.id) is None]
            if lacking and not drop:
                raise InvalidRequest(
                    f"{new} has not the schemes {', '.join(lacking)}: `vocab import` puts single schemes in place; "
                    "--drop leaves them out"
                )
        report = _change(
            engine,
            store,
            before,
            after,
            golden=golden,
            dry_run=dry_run,
            force=force,
            index=index,
            bundled=new == BUNDLED,
        )
        _print(report, as_json=json)


def import_(
    files: Annotated[
        list[Path],
        typer.Argument(help="SKOS (Turtle, RDF/XML, JSON-LD), MeSH, ESCO, Los or Grep; several make up one."),
    ],
    data: Data = None,
    kind: Annotated[
        str | None, typer.Option(help="skos, mesh, esco, los or grep. Default: told by the content.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Language of labels whose file does not state it: nb, nn, en.")
    ] = None,
    map_: Annotated[
        bool, typer.Option("--map", help="Propose mappings to our concepts, and keep the sure ones.")
    ] = False,
    matched: Annotated[
        bool | None,
        typer.Option(
            "--matched/--not-matched",
            help="Whether its labels are matched in texts and queries; otherwise it is there for mappings and for "
            "browsing. Default: as the files say, or else matched.",
        ),
    ] = None,
    drop: Annotated[
        bool,
        typer.Option("--drop", help="Leave out concepts that have gone; otherwise they stay, deprecated."),
    ] = False,
    dry_run: DryRun = False,
    golden: Golden = None,
    index: Index = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Add the schemes of a vocabulary to the one in use; a scheme that is there already is replaced."""
    from typing import get_args

    from engine.bootstrap import load_settings, open_engine, open_vocabulary_store
    from vocab.foreign import ForeignKind, read_foreign
    from vocab.merging import merged

    if kind is not None and kind not in get_args(ForeignKind):
        raise typer.BadParameter(f"no kind is named {kind!r}", param_hint="--kind")
    settings = load_settings(data=data)
    with closing(open_engine(settings)) as engine:
        store = open_vocabulary_store(settings)
        read = read_foreign(files, kind, base_uri=settings.base_uri, language=language)
        content = read.content
        if matched is not None:
            content = content._replace(schemes=tuple(replace(s, lexical=matched) for s in content.schemes))
        before = store.open()
        after = merged(before, content, drop=drop, source=files[0])
        source: dict[str, Any] = {
            "kind": read.kind,
            "schemes": [scheme.id for scheme in read.content.schemes],
            "concepts": len(read.content.concepts),
            "left_out": [str(finding) for finding in read.findings],
        }
        if map_:
            after, source["mappings"] = _mapped(before, after, content)
        report = _change(
            engine,
            store,
            before,
            after,
            golden=golden,
            dry_run=dry_run,
            force=force,
            index=index,
            source=source,
        )
        _print(report, as_json=json)


def _mapped(
    before: "Vocabulary", after: "Vocabulary", content: "SkosContent"
) -> tuple["Vocabulary", dict[str, Any]]:
    """Return the vocabulary with the sure mappings of the read concepts to ours, and all that were proposed."""
    from vocab.concept import DEFAULT_BASE_URI, ConceptMapping
    from vocab.crosswalk import propose_mappings
    from vocab.merging import with_mappings
    from vocab.vocabulary import Vocabulary

    schemes = {scheme.id for scheme in content.schemes}
    ours = [c for c in before if c.scheme not in schemes and c.id not in before.foreign]
    target = Vocabulary(before.schemes, ours, base_uri=before.base_uri)
    source = Vocabulary(content.schemes, content.concepts, foreign=content.foreign, base_uri=before.base_uri)
    proposals = propose_mappings(source, target)
    sure = [p for p in proposals if p.match in {"exact", "close"} and p.confidence >= MAP_FROM]
    kept: dict[str, list[ConceptMapping]] = {}
    for p in sure:
        kept.setdefault(p.source, []).append(ConceptMapping(p.match, "uri", f"{DEFAULT_BASE_URI}{p.target}"))

    def told(p: "MappingProposal") -> dict[str, Any]:
        names = {"source_label": source.label(p.source), "target_label": target.label(p.target)}
        return {**plain_record(p), **names}

    others = [p for p in proposals if p not in sure]
    return with_mappings(after, kept), {
        "kept": [told(p) for p in sure],
        "proposed": [told(p) for p in others],
    }


def _opened(place: str, engine: "Engine", store: "VocabularyStore") -> "Vocabulary":
    from vocab.vocabulary import open_vocabulary

    if place == CURRENT:
        return store.open()
    settings = engine.settings
    paths = None if place == BUNDLED else [Path(place)]
    return open_vocabulary(paths, base_uri=settings.base_uri, cache_dir=settings.data / "cache")


def _change(
    engine: "Engine",
    store: "VocabularyStore",
    before: "Vocabulary",
    after: "Vocabulary",
    *,
    golden: Path | None,
    dry_run: bool,
    force: bool,
    index: bool,
    bundled: bool = False,
    source: dict[str, Any] | None = None,
) -> ChangeReport:
    """Find out what changes and, unless it is a dry run, take the new vocabulary into use."""
    from engine.model import AuditEntry
    from indexer.pipeline import index as run_index
    from indexer.vocabulary_change import impact
    from vocab.comparison import compare
    from vocab.replaced import with_labels_of_replaced

    progress = RichProgress()
    changes = compare(before, after)
    found = impact(
        engine,
        with_labels_of_replaced(before),
        with_labels_of_replaced(after),
        judgements=_judgements(engine, golden),
        progress=progress,
    )
    applied = bool(changes) and not dry_run
    findings: tuple[Finding, ...] = ()
    if applied:
        findings = tuple(store.replace(None if bundled else after, force=force))
        detail = f"{before.version[:12]} by {after.version[:12]}"
        engine.catalogue.audit(AuditEntry(engine.now(), "cli", "replace vocabulary", "vocabulary", detail))
    elif changes:
        findings = tuple(store.check(after))
    indexed = run_index(engine, progress=progress) if index and not dry_run else None
    return ChangeReport(before.version, after.version, changes, findings, found, applied, indexed, source)


def _judgements(engine: "Engine", golden: Path | None) -> "Judgements | None":
    """Read golden queries from a table, or from a folder in BEIR layout whose documents are our resources."""
    from cli.collection import read_judgements as read_beir_judgements
    from indexer.golden import read_judgements

    path = golden or engine.settings.golden
    if path is None:
        return None
    if not path.is_dir():
        return read_judgements(path)
    judged = read_beir_judgements(path)
    return {text: judged.qrels[id_] for id_, text in judged.queries.items()}


def _print(report: ChangeReport, *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    print_change(report)
    if report.index is not None:
        print_index(report.index, as_json=False)
