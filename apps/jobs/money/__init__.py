"""What jobs cost and take, before and after, and what a workspace may spend."""
