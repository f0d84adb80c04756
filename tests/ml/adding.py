"""Both ways in which interpreters add up: the slow and obvious versions of the built-in sum."""


def left_to_right(values, start=0):
    """As before Python 3.12: every addition is rounded."""
    for value in values:
        start = start + value
    return start


def compensated(values, start=0):
    """As since Python 3.12: of plain floats the rounding error is carried along and added at the
    end (Neumaier, 1974).
    """
    lost = 0.0
    for value in values:
        if type(value) is float and type(start) in (int, float):
            before, start = float(start), start + value
            lost += (
                (before - start) + value if abs(before) >= abs(value) else (value - start) + before
            )
        else:
            start = start + value
    return start + lost if lost else start
