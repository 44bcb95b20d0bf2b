"""Requests to addresses that people type in: where they may lead, and how much is read."""
