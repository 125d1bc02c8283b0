"""What can be asked of the whole? One object over catalogue, current build and model.

Reads go to the current build with what has been written since laid over it (`engine.recent`); a build published by
another process is noticed at the next request.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from difflib import get_close_matches

import numpy as np

from engine.batch import BatchRecommender
from engine.concept_vectors import bundled_concepts
from engine.curation import CurrentCuration, ResultEditor
from engine.duplicates import Duplicates
from engine.editing import TagEditor
from engine.errors import (
    BackendError,
    IndexMissing,
    InvalidRequest,
    KompetansegrafError,
    Moved,
    NotFound,
)
from engine.facet_tagging import FacetProposals, FacetTagger
from engine.known_words import all_known
from engine.mean_vectors import MeanVectors
from engine.merges import CurrentMerges, Merges, links_with_merged
from engine.model import (
    BuildInfo,
    Resource,
    ResourceVersion,
    SearchRequest,
    SearchResult,
    Suggestion,
    Tag,
    UpsertReport,
    Vectors,
)
from engine.plan_data import CurrentPlans
from engine.popularity import CurrentPopularity
from engine.ports import Catalogue, Embedder, IndexBuilds, PrintStore, VectorCache
from engine.query_statistics import QueryCounter
from engine.recent import RecentChanges
from engine.recent_view import Rules, View
from engine.recommend import (
    RecommendationRequest,
    Recommendations,
    Recommender,
)
from engine.review_dates import ReviewDates
from engine.search import Searcher, visible
from engine.settings import Settings
from engine.sign_ins import SignIns
from engine.similar import SimilarFinder, SimilarResource
from engine.snapshot import CurrentSnapshot, Snapshot
from engine.stated_links import with_stated
from engine.statistics_ports import QueryStatistics
from engine.steering import CurrentSteering, Steering
from engine.subject import bundled_subject
from engine.suggest import Suggester
from engine.topics import Topics
from engine.worlds import Worlds
from graph.competence_graph import CompetenceGraph
from graph.model import Plan, Requirement, Role, serves
from graph.plans import Obligation, obligations
from graph.replaced import in_use
from vocab.analysis import analyse_word
from vocab.matcher import LabelMatcher
from vocab.vocabulary import Vocabulary

log = logging.getLogger("kompetansegraf.engine")

PENDING = "changes_pending"
"""Said of an answer that does not show all that has been written yet."""

_FIRST_SEARCH = "forebyging av fall hos eldre"
"""A search that reads all that searches read: words, labels, the model, and the near words of a typo."""

_WORDS_READ, _WORDS_AT_A_TIME = 50_000, 20
"""Words of the index that are analysed after the start, the frequent ones first: 2 to 4 s of one core."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the engine stands on: `build` None means that nothing has been indexed."""

    build: BuildInfo | None
    resources: int
    pending: int
    embedder: str | None
    vocabulary: str


class Engine:
    """Search, suggestions, similar resources and recommendations over one data folder.

    Parameters
    ----------
    settings : Settings
        What was set from outside.
    catalogue, builds, vectors, embedder
        The adapters; `embedder` None means lexical search only.
    vocabulary, matcher
        The vocabulary in use.
    now : callable, optional
        The clock, as an aware datetime.
    changed_vocabulary : callable, optional
        Returns the vocabulary when it has changed since it was last asked, else None; asked before
        each search, suggestion and tagging.
    prints : PrintStore, optional
        Where what is known of duplicates is kept.
    sign_ins : SignIns, optional
        What is kept of editors' signing in.
    statistics : QueryStatistics, optional
        Where searches are counted, if the settings say that they are.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        catalogue: Catalogue,
        builds: IndexBuilds,
        vectors: VectorCache,
        embedder: Embedder | None,
        vocabulary: Vocabulary,
        matcher: LabelMatcher,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        changed_vocabulary: Callable[[], Vocabulary | None] | None = None,
        prints: PrintStore | None = None,
        sign_ins: SignIns | None = None,
        statistics: QueryStatistics | None = None,
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue
        self.builds = builds
        self.vectors = vectors
        self.embedder = embedder
        self._changed_vocabulary = changed_vocabulary
        self._words = threading.Lock()
        self.use_vocabulary(vocabulary, matcher)
        self.now = now
        self.sign_ins = sign_ins
        self._snapshots = CurrentSnapshot(builds)
        self._recent = RecentChanges(catalogue, vectors)
        self._withdrawn = RecentChanges(catalogue, vectors, limit=0)
        self._closed = threading.Event()
        self._plans = CurrentPlans(catalogue)
        self._known_worlds: tuple[int, Worlds] | None = None
        self._steering = CurrentSteering(catalogue, self.today)
        self._merges = CurrentMerges(catalogue)
        # asked anew each time: the clock may be moved
        self.reviews = ReviewDates(catalogue, lambda: self.now())  # noqa: PLW0108
        self.statistics = statistics
        days, counted = settings.query_statistics_days, statistics if settings.query_statistics else None
        self.counter = QueryCounter(counted, known=self._in_shared_words, today=self.today, days=days)
        self._popularity = CurrentPopularity(counted, self.today, days)
        self._curation = CurrentCuration(catalogue, self.today)
        means = MeanVectors(vectors, embedder)
        self.duplicates = Duplicates(catalogue, means, prints, self._indexed, self._tags_now)

    def use_vocabulary(self, vocabulary: Vocabulary, matcher: LabelMatcher | None = None) -> None:
        """Understand and label with these words from now on; what is indexed stays as it is."""
        matcher = matcher or LabelMatcher(vocabulary)
        meaning = self.embedder if self.settings.embedder != "hashing" else None  # hashed words know none
        topics = Topics(vocabulary, meaning, self.vectors, self.settings.tag_exclude)
        facets = FacetTagger(vocabulary, matcher, exclude=self.settings.tag_exclude)
        with self._words:
            self.vocabulary, self.matcher, self.topics = vocabulary, matcher, topics
            self.facet_tagger = facets

    def tagging_words(self) -> tuple[Vocabulary, Topics]:
        """Return the vocabulary in use and what tags by it, whatever comes into use just now."""
        with self._words:
            return self.vocabulary, self.topics

    def refresh_vocabulary(self) -> None:
        """Take the vocabulary in use, if it is another one by now."""
        changed = self._changed_vocabulary() if self._changed_vocabulary else None
        if changed is not None:
            self.use_vocabulary(changed)
            log.info("the vocabulary has changed; it is now %s", changed.version[:12])

    def today(self) -> date:
        """Return the day by the engine's clock."""
        return self.now().date()

    # --- reading -----------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a search; raises InvalidRequest or IndexMissing, never because of the text."""
        self.refresh_vocabulary()
        view = self._view()
        result = self._searcher(view).search(request)
        return replace(result, degraded=(*result.degraded, PENDING)) if view.waiting else result

    def search_in(self, snapshot: Snapshot, request: SearchRequest) -> SearchResult:
        """Answer a search from a given build, published or not, without what has been written since."""
        self.refresh_vocabulary()
        view = self._withdrawn.over(snapshot, self._rules(snapshot.info))
        return self._searcher(view).search(request)

    def let_go(self) -> None:
        """Forget the build that `search_in` was last asked of."""
        self._withdrawn = RecentChanges(self.catalogue, self.vectors, limit=0)

    def warm_up(self) -> None:
        """Make at hand what the first search would wait for; nothing of it is an error.

        Of a cluster nothing is asked: it may be away, and a server need not wait for it to begin.
        """
        if self.settings.search_url is not None:
            return
        try:
            snapshot = self._view().snapshot
            snapshot.load()
            self.matcher.complete(_FIRST_SEARCH, k=1)
            self.search(SearchRequest(text=_FIRST_SEARCH, explain=True))
        except IndexMissing:
            log.info("there is no index yet: searches answer as soon as one has been made")
            return
        except KompetansegrafError as error:
            log.info("the first search will take longer, for nothing could be read ahead: %s", error)
            return
        words = snapshot.lexicon.most_frequent(_WORDS_READ)
        threading.Thread(target=self._read_words, args=(words,), name="words", daemon=True).start()

    def _read_words(self, words: Sequence[str]) -> None:
        """Analyse words, so that it is known when they stand in a hit; some at a time: who asks goes first."""
        for number, word in enumerate(words):
            if number % _WORDS_AT_A_TIME == 0 and self._closed.wait(0.001):
                return
            analyse_word(word)

    def suggest(
        self, prefix: str, *, lang: str = "nb", edition: str | None = None, k: int = 8
    ) -> tuple[Suggestion, ...]:
        """Return suggestions for what is being typed."""
        self.refresh_vocabulary()
        view = self._view()
        suggester = Suggester(
            index=view.index,
            vocabulary=self.vocabulary,
            matcher=self.matcher,
            lexicon=view.lexicon,
            beginnings=view.beginnings,
        )
        return suggester.suggest(prefix, lang=lang, edition=edition, k=k)

    def similar(
        self, resource_id: str, *, edition: str | None = None, k: int = 5
    ) -> tuple[SimilarResource, ...]:
        """Return related resources that are not the same work, as editors have ruled; raises NotFound, Moved of a merged one."""
        self._refuse_merged(resource_id)
        known = self.duplicates.rulings.translations_of(resource_id)
        finder = SimilarFinder(self._view().index, self.vocabulary, self.today(), excluded=known)
        rulings = self.catalogue.decisions("related", resource_id)
        return finder.similar(resource_id, edition=edition, k=k, rulings=rulings)

    def resource(
        self, resource_id: str, *, at: datetime | None = None, unpublished: bool = False
    ) -> Resource:
        """Return a resource with its tags; `at` gives the text of an earlier moment.

        Raises
        ------
        NotFound
            If there is none, or it is a draft or archived and `unpublished` is false.
        Moved
            If it has been merged into another one and `unpublished` is false.
        """
        found = self.catalogue.get(resource_id, at)
        if found is None or (found.status != "published" and not unpublished):
            self._refuse_merged(resource_id)
            raise NotFound(f"no published resource has the id {resource_id!r}")
        if at is None:
            view = self._peek()
            indexed = view.index.get([resource_id]).get(resource_id) if view else None
            if indexed is not None and replace(indexed, about=(), stated=None) == replace(found, about=()):
                return indexed
            known = self.requirements()
            return with_stated(found, links_with_merged(self.catalogue, known, resource_id), known)
        return found

    def merges(self) -> Merges:
        """Return which resources have been merged into which."""
        return self._merges.read()

    def goes_to(self, resource_id: str) -> str | None:
        """Return the resource that counts for one that was merged, None of any other."""
        return self._merges.read().goes_to(resource_id)

    def _refuse_merged(self, resource_id: str) -> None:
        to = self.goes_to(resource_id)
        if to is not None:
            raise Moved(resource_id, to)

    def passages(self, resource_id: str) -> tuple[tuple[tuple[int, int], ...], Vectors]:
        """Return the passages of an indexed resource and their vectors; empty for any other."""
        view = self._peek()
        return view.index.passages(resource_id) if view else ((), np.zeros((0, 0), dtype=np.float32))

    def versions(self, resource_id: str) -> Sequence[ResourceVersion]:
        """Return all versions of a published resource, oldest first; raises NotFound."""
        self.resource(resource_id)
        return self.catalogue.versions(resource_id)

    def recommend(self, request: RecommendationRequest) -> Recommendations:
        """Recommend resources for a role; a pure function of request, plans and graph version."""
        self._plans.read().check(request.role, request.plan)
        world = self._worlds().of(request, request.on or self.today())
        return self._recommender().within(world).recommend(request)

    def recommend_many(self) -> BatchRecommender:
        """Return what answers for many askers in less time than `recommend`, and the same."""
        return BatchRecommender(self._recommender(), self._worlds())

    def _worlds(self) -> Worlds:
        plans, known = self._plans.read(), self._known_worlds
        if known is None or known[0] != plans.seq:
            known = self._known_worlds = plans.seq, Worlds(plans.plans, plans.requirements)
        return known[1]

    def _recommender(self) -> Recommender:
        view, plans = self._view(), self._plans.read()
        return Recommender(
            graph=view.snapshot.graph,
            proximity=view.snapshot.proximity,
            traits=view.snapshot.traits,
            fetch=view.index.get,
            excluded=view.hidden,
            roles=plans.roles,
            requirements=plans.requirements,
            plans=plans.plans,
            today=self.today(),
            opened=self._popularity.read(),
        )

    def obligations(
        self, role: str, *, plan: str | None = None, edition: str | None = None, on: date | None = None
    ) -> list[Obligation]:
        """Return what a role must meet on a day, merged over its plans in force.

        Raises
        ------
        NotFound
            If there is no such role or plan.
        InvalidRequest
            If the plan is not for the role.
        """
        data = self._plans.read()
        data.check(role, plan)
        return obligations(
            role,
            list(data.plans.values()),
            data.requirements,
            on=on or self.today(),
            edition=edition,
            plan_id=plan,
        )

    def resources_for(self, requirement: str, *, edition: str | None = None) -> list[tuple[Resource, bool]]:
        """Return (resource, stated) serving a requirement by a stated or likely link, stated first; raises NotFound."""
        known = self._plans.read().requirements
        if requirement not in known:
            raise NotFound(f"no requirement has the id {requirement!r}")
        requirement = in_use(requirement, known)
        view = self._view()
        graph, node = view.snapshot.graph, f"requirement:{requirement}"
        if node not in graph:  # added since the graph was drawn
            return []
        merges, edges = self._merges.read(), dict[str, tuple[bool, float]]()
        for e in filter(serves, graph.edges_to(node, ("teaches", "proposed_teaches"))):
            id_, stated = e.source.split(":", 1)[1], e.kind == "teaches"
            if stated:  # merged since the graph was drawn
                id_ = merges.goes_to(id_) or id_
            edges[id_] = max(edges.get(id_, (False, 0.0)), (stated, e.confidence))
        resources = view.index.get(sorted(edges))
        found = [(r, edges[r.id]) for r in resources.values() if visible(r, edition)]
        found.sort(key=lambda item: (not item[1][0], -item[1][1], item[0].id))
        return [(r, stated) for r, (stated, _) in found]

    def graph(self) -> CompetenceGraph:
        """Return the graph of the current build; raises IndexMissing."""
        return self._current().graph

    def propose_tags(
        self,
        title: str,
        text: str,
        *,
        threshold: float | None = None,
        limit: int | None = None,
        exclude: Iterable[str] = (),
        include: Iterable[str] = (),
    ) -> tuple[Tag, ...]:
        """Return the concepts that a text would be tagged with, best first, with the words that made them."""
        self.refresh_vocabulary()
        return self.topics.tags(
            Resource("", title, body=text),
            threshold=threshold,
            limit=limit,
            exclude=exclude,
            include=include,
            steering=self.steering(),
        )

    def propose_facets(self, title: str, text: str, exclude: Iterable[str] = ()) -> FacetProposals:
        """Return for whom, about whom, where, at which level and of which type a text is, as far as it says."""
        self.refresh_vocabulary()
        return self.facet_tagger.propose(title, body=text, exclude=exclude)

    def propose_missing(self, resource_id: str) -> FacetProposals:
        """Return proposals for what the source of a published resource says nothing of; raises NotFound."""
        self.refresh_vocabulary()
        return self.facet_tagger.propose_missing(self.resource(resource_id))

    def roles(self) -> Mapping[str, Role]:
        """Return all roles by id."""
        return self._plans.read().roles

    def requirements(self) -> Mapping[str, Requirement]:
        """Return all requirements by id."""
        return self._plans.read().requirements

    def plans(self) -> Mapping[str, Plan]:
        """Return all plans by id, retired ones too."""
        return self._plans.read().plans

    def steering(self) -> Steering:
        """Return what editors have said of the tags of all resources: blocks that hold today, corrections."""
        return self._steering.read()

    def status(self) -> Status:
        """Return what the engine stands on, without failing when nothing is indexed."""
        info = self.builds.current()
        return Status(
            build=info,
            resources=self.catalogue.count(status="published"),
            pending=len(self.catalogue.changes_since(info.applied_seq if info else 0)),
            embedder=self.embedder.model_id if self.embedder else None,
            vocabulary=self.vocabulary.version,
        )

    # --- writing -----------------------------------------------------------------------------

    def waiting(self) -> int:
        """Return how many changed resources searches do not show yet; 0 where there is no index to be read."""
        try:
            return self._view().waiting
        except BackendError:
            return 0

    def write_resources(self, resources: Iterable[Resource], *, by: str) -> UpsertReport:
        """Write resources to the catalogue: searches show them at once, the next index run takes them into a build."""
        return self.catalogue.upsert(self.reviews.kept(resources), by=by, at=self.now())

    def tag_editor(self) -> TagEditor:
        """Return what rules on tags and blocks concepts: searches show it at once."""
        self.refresh_vocabulary()
        return TagEditor(self.catalogue, self.vocabulary, self.topics, self.steering, self.now)

    def result_editor(self) -> ResultEditor:
        """Return what pins and hides results of queries: the next search shows it."""
        return ResultEditor(self.catalogue, self.now)

    def withdraw(self, resource_id: str, *, by: str) -> Resource:
        """Archive a resource: it leaves every list at once; raises NotFound."""
        found = self.catalogue.get(resource_id)
        if found is None:
            raise NotFound(f"no resource has the id {resource_id!r}")
        archived = replace(found, status="archived", about=(), stated=None)
        self.catalogue.upsert([archived], by=by, at=self.now())
        return archived

    def close(self) -> None:
        """Release files and connections. A second call does nothing."""
        self._closed.set()
        self.counter.close()
        if self.statistics is not None:
            self.statistics.close()
        self.duplicates.close()
        self._snapshots.forget()
        self.builds.close()
        self.vectors.close()
        if self.sign_ins is not None:
            self.sign_ins.close()
        self.catalogue.close()

    # --- inside ------------------------------------------------------------------------------

    def _searcher(self, view: View) -> Searcher:
        info = view.snapshot.info
        embedder = self._usable_embedder(info)
        return Searcher(
            index=view.index,
            embedder=embedder,
            vocabulary=self.vocabulary,
            matcher=self.matcher,
            lexicon=view.lexicon,
            build=info.id,
            today=self.today(),
            size=view.size,
            vectors_missing=info.vectors_missing + len(view.unembedded),
            concepts=bundled_concepts(embedder.model_id, self.vocabulary) if embedder is not None else None,
            subject=bundled_subject(embedder.model_id) if embedder is not None else None,
            bank_subject=info.subject,
            unembedded=view.unembedded,
            curation=self._curation.read(),
        )

    def _rules(self, info: BuildInfo) -> Rules:
        return Rules(
            self.vocabulary, self.topics.tagger, self._usable_embedder(info), self.steering, self.requirements
        )

    def _view(self) -> View:
        snapshot = self._current()
        return self._recent.over(snapshot, self._rules(snapshot.info))

    def _usable_embedder(self, info: BuildInfo) -> Embedder | None:
        """Return the model if the build's vectors are its own; vectors of two models do not compare."""
        if self.embedder is None or info.model_id != self.embedder.model_id:
            return None
        return self.embedder

    def _indexed(self, ids: Sequence[str]) -> Mapping[str, Resource]:
        """Return resources as they are indexed, with their tags; none where there is no index."""
        try:
            return self._view().index.get(ids)
        except BackendError:
            return {}

    def _in_shared_words(self, text: str) -> bool:
        """Tell whether a normalised query may be kept in writing (`engine.known_words`)."""
        index = self._view().index

        def frequencies(stems: Iterable[str]) -> dict[str, int]:
            asked = sorted(stems)
            return dict(zip(asked, index.document_frequency("terms", asked), strict=True))

        return all_known(text, self.vocabulary, frequencies)

    def _tags_now(self, resource: Resource) -> tuple[Tag, ...]:
        return self.topics.tags(resource, steering=self.steering())

    def _peek(self) -> View | None:
        try:
            return self._view()
        except IndexMissing:
            return None

    def _current(self) -> Snapshot:
        return self._snapshots.current()


def requirement_ids(text: str, requirements: Mapping[str, Requirement]) -> tuple[str, ...]:
    """Return the ids of a requirement given as id, ``krav/…`` or code; the text itself when nothing fits.

    Several requirements may have one code: then they are all meant. A replaced one leads on.
    """
    name = text.strip().removeprefix("krav/")
    if name in requirements:
        return (in_use(name, requirements),)
    coded = {
        in_use(r.id, requirements)
        for r in requirements.values()
        if name.lower() == (r.code or "").lower() != ""
    }
    return tuple(sorted(coded)) or (text,)


def role_id(text: str, roles: Mapping[str, Role]) -> str:
    """Return the id of a role given as id, ``rolle/…``, HPR or STYRK-08 code, or label.

    Raises
    ------
    InvalidRequest
        If a code belongs to several roles.
    NotFound
        If nothing fits.
    """
    name = text.strip().removeprefix("rolle/")
    if name in roles:
        return name
    coded = sorted(r.id for r in roles.values() if name and name.upper() == (r.hpr or "").upper())
    coded = coded or sorted(r.id for r in roles.values() if name and name == r.styrk08)
    if len(coded) == 1:
        return coded[0]
    if coded:
        raise InvalidRequest(f"the code {text!r} belongs to several roles: {', '.join(coded)}")
    named = {label.casefold(): r.id for r in roles.values() for label in (r.id, *r.labels.values())}
    if name.casefold() in named:
        return named[name.casefold()]
    near = list(dict.fromkeys(named[n] for n in get_close_matches(name.casefold(), named, 3, 0.75)))
    hint = f"; nearest: {', '.join(near)}" if near else ""
    raise NotFound(f"no role has the id or code {text!r}{hint}")
