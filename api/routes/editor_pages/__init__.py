"""The pages of editors, one module a subject; `pages` are all their routers."""

from api.routes.editor_pages import (
    board,
    decisions,
    demand,
    duplicates,
    gaps,
    home,
    links,
    provider,
    queue,
    stale,
    trail,
    write,
)

pages = tuple(
    module.router
    for module in (
        board,
        home,
        provider,
        write,
        duplicates,
        decisions,
        stale,
        queue,
        gaps,
        links,
        demand,
        trail,
    )
)
