"""Jobs that were made with the same account, but not here."""
