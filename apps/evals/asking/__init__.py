"""What workers do for a run: ask, grade, and write what came back."""
