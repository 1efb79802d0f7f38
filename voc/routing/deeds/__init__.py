"""What rules have plugins do: ordered with the rule's decision, done in the worker, on record."""
