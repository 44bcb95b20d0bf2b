"""The engine's addresses, one module per kind of thing."""
