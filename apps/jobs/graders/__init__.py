"""Graders of reinforcement jobs: their shape, and our own small evaluation of them (pure)."""
