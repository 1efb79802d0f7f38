"""Routing: what follows from what was said. Pure rules; the pipeline applies them."""
