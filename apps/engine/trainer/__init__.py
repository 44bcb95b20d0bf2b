"""Training as a supervised process: `supervisor` keeps it going, `run` is what the child does."""
