"""Which models there are and when they end: as our jobs and the providers' lists tell."""
