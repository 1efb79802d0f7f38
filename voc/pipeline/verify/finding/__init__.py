"""Whether every feedback can be found by its words, and nothing else can."""
