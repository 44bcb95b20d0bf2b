"""What is deleted at a provider, and what that means beforehand."""
