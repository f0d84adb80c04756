"""What changes people's accounts, and the book of what happened at the doors."""
