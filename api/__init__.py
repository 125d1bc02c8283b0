"""How does the world ask? HTTP routes, problems, keys, pages. The only room that knows FastAPI."""
