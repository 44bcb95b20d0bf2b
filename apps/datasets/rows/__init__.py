"""Rows as pages show them: any one of them at once, and those that match what is asked."""
