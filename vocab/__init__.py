"""The controlled vocabulary and the one text analysis. Imports no other room.

RDF (`vocab.skos`, `vocab.rdf`, `vocab.integrity`), language detection (`vocab.language`) and the two label
indexes are imported from their modules: they load more than most callers need.
"""

from vocab.analysis import (
    ANALYSIS_VERSION,
    Token,
    analyse,
    grams,
    is_abbreviation,
    is_function_word,
    is_known_word,
    surface_words,
)
from vocab.concept import (
    DEFAULT_BASE_URI,
    Concept,
    ConceptId,
    ConceptMapping,
    ConceptScheme,
    LabelKind,
    Lang,
    MatchKind,
)
from vocab.triples import Iri, Text, Triple, VocabularyError
from vocab.vocabulary import Vocabulary, open_vocabulary

__all__ = [
    "ANALYSIS_VERSION",
    "DEFAULT_BASE_URI",
    "Concept",
    "ConceptId",
    "ConceptMapping",
    "ConceptScheme",
    "Iri",
    "LabelKind",
    "Lang",
    "MatchKind",
    "Text",
    "Token",
    "Triple",
    "Vocabulary",
    "VocabularyError",
    "analyse",
    "grams",
    "is_abbreviation",
    "is_function_word",
    "is_known_word",
    "open_vocabulary",
    "surface_words",
]
