"""The forms of connections: shape only; whether a server answers is what its test says."""
