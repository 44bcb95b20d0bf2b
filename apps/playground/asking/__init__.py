"""What a reply is asked with, and how its answer arrives and is kept."""
