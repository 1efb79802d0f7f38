"""Surveys: who is asked, when a mail may go out, and what became of each invitation."""
