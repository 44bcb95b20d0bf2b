"""A run as pages and files show it."""
