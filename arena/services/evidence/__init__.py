"""What an experiment is judged by beyond its own agents and bars."""
