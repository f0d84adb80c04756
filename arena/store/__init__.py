"""Rows and files on one side, the engine's arrays on the other: the only bridge between them."""
