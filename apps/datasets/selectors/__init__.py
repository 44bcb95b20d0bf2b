"""What a page shows, gathered into frozen values."""
