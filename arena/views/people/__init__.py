"""Doorways of people: log-in, account, tokens."""
