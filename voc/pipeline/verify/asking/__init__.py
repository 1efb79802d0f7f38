"""Whether invitations say what became of them, and nobody is mailed who does not want to be."""
