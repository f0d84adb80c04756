"""The one command: web server, workers, timer and private Redis as children of one process."""
