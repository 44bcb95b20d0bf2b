"""How a suite comes to be: its questions, their parts, and what judges them."""
