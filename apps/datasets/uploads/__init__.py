"""Files on their way in: straight from the connection to the disk, and on after it was lost."""
