"""Who may do what, and the keys everything secret depends on."""
