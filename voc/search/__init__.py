"""Finding feedback by its words, newest first: FTS5 on SQLite, tsvector on PostgreSQL, one function over both."""
