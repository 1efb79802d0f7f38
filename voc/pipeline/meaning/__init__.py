"""Making the meaning of feedback in the background, after it was understood; only with the extra `embeddings`."""
