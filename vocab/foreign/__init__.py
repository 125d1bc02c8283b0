"""How do vocabularies of others become ours? Readers of SKOS, MeSH, ESCO, Los and Grep files."""

from vocab.foreign.findings import ForeignContent, ForeignFinding, ForeignKind
from vocab.foreign.reading import read_foreign

__all__ = ["ForeignContent", "ForeignFinding", "ForeignKind", "read_foreign"]
