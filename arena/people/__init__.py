"""Who may do what, and what is kept about people: sessions, second factors, events of security."""
