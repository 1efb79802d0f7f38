"""Everything about one customer in order of time, across all doors."""
