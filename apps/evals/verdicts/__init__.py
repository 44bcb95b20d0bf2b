"""What the answers of a run say of its models, kept in its row."""
