"""Golden cases of every rule in the rulebook: something that breaks it, and the same put right."""
