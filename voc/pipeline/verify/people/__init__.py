"""Whether customers, their identities and the addresses beside them agree with each other."""
