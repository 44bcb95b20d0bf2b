"""What serves a model: carried to its provider once, watched, and stopped."""
