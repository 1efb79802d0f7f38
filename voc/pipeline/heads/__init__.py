"""Heads learnt from the company's own labels: learning them, and which of them is in use."""
