"""Bundled plugins, shipped as `voc_plugins`. Each folder is one plugin; it sees of voc only `voc.plugin`."""
