"""A new job: what can be asked for, what it begins with, and whether it may start."""
