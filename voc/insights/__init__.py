"""Numbers: daily rollups that can be proved, statistics that admit how little they know, and the Morning page."""
