"""What the engine answers: OpenAI's objects."""
