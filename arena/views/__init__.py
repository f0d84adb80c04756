"""Pages and JSON of the arena: each parses the request, makes one call, and translates back."""
