"""Checks of who answers for what, of escalations, and of messages (I5, I7)."""
