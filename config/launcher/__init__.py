"""Starts Retune's processes on one machine. Knows nothing of Django or of the apps."""
