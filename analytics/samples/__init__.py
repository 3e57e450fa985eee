"""A generated year of use, for demonstrations."""
