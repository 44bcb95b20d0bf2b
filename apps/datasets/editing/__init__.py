"""Rows that a person changes: their editor, and what is kept until it becomes a version."""
