"""The numbers of a training: kept, read, drawn and put into words."""
