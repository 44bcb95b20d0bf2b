"""What the rules allow and a model should not learn: one module per kind of finding (pure)."""
