"""What asking a model takes: which ones there are to choose, and where their prompts end."""
