class CannotStart(Exception):
    """Retune cannot start; the message tells the person why and what to do."""
