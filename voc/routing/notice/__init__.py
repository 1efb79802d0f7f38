"""What a notice about a rule says of the case."""
