"""Understanding again what came in before: by a changed taxonomy, or by another model."""
