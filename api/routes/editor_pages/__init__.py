"""The pages of editors, one module a subject; `pages` are all their routers."""

from api.routes.editor_pages import board, decisions, duplicates, home, provider, stale, write
from api.routes.editor_pages import demand as demand
from api.routes.editor_pages import links as links

pages = (
    board.router,
    home.router,
    provider.router,
    duplicates.router,
    decisions.router,
    write.router,
    stale.router,
)
