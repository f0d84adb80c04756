"""The champion card: what an experiment's champion earned, beside what, out of how many, and what
of it may be luck.
"""
