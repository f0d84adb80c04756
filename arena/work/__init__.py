"""One durable claim for every kind of background work; whose work it is, is known here by numbers
alone.
"""
