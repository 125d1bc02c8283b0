"""The steps of the catalogue's schema, oldest first; a step that has been released is never changed."""
