"""Which numbers does a search engine make a BM25 score of? Those in its own explanation, which Lucene and tantivy word alike."""

from collections.abc import Mapping
from typing import Any


def explained_value(explanation: Mapping[str, Any], beginning: str) -> float:
    """Return the value of the first part of an explanation whose description begins so; 0 if none does.

    Examples
    --------
    >>> explained_value({"value": 2, "description": "weight", "details": [{"value": 7, "description": "N, all"}]}, "N, ")
    7.0
    """
    if str(explanation.get("description", "")).startswith(beginning):
        return float(explanation["value"])
    for part in explanation.get("details") or ():
        if found := explained_value(part, beginning):
            return found
    return 0.0
