"""Children and locks: one house per instance, and no child that outlives its parent."""
