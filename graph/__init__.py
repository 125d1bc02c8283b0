"""Roles, requirements, plans and resources as one graph."""
