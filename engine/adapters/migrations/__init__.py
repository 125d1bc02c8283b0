"""How did the catalogue's schema grow? Alembic's environment and the versions, shipped in the wheel."""
