"""What differs between two texts, two rows, two versions."""
