"""An answer as pages and files show it."""
