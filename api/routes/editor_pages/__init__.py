"""The pages of editors, one module a subject; `pages` are all their routers."""

from api.routes.editor_pages import decisions, duplicates, home, provider, stale, write

pages = (home.router, provider.router, duplicates.router, decisions.router, write.router, stale.router)
