"""The write side: read sources, normalise, enrich, build."""
