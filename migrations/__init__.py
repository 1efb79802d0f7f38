"""Database migrations, shipped as `voc_migrations`. They never import `voc`: old ones must not change with it."""
