"""What a person can do with datasets, one module per kind of wish."""
