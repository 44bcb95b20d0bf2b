"""Answers that were kept, and stand for a model."""
