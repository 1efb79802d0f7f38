"""Finding feedback by what it means, and what says nearly the same; only with the extra `embeddings`."""
