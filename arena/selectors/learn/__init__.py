"""What the pages under Learn say: the rulebook and the terms."""
