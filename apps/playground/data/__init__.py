"""Rows of datasets: as prompts, as what taught a model, as what shall teach it."""
