"""Where prices come from: each provider is one file that speaks its documented format."""
