"""What can go wrong with networks and their files."""


class ShapeError(ValueError):
    """Arrays that do not fit the network they are meant for."""
