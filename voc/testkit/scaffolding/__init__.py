"""The texts of a new package, part by part."""
