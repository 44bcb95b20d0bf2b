"""What the pages of jobs say beside the numbers. Nothing is asked of a provider."""
