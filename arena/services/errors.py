"""What services refuse."""


class WrongState(Exception):
    """An experiment is not where it would have to be; the text is a sentence for a person."""


class StaleFence(Exception):
    """Somebody else has taken over, or the experiment was stopped: what was computed must not be written."""
