"""The tiny model: a byte-level transformer in numpy that trains in seconds. Imports no Django."""
