"""The pages of editors, one module a subject; `pages` are all their routers."""

from api.routes.editor_pages import home, provider

pages = (home.router, provider.router)
