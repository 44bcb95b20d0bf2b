"""The way of a job to its provider, and of what people wish for it afterwards."""
