"""Room of understanding: language, sentiment, topics, opinions, urgency, risks. Pure, no database."""
