"""What callers ask of the engine, read and checked."""
