"""What training a model cost, and what asking it costs."""
