"""What providers tell about jobs under way: asked for when it is due, written once."""
