"""Programs that measure Retune, each beside a baseline. Nothing imports them."""
