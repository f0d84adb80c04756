"""What services refuse."""


class WrongState(Exception):
    """An experiment is not where it would have to be; the text is a sentence for a person."""


class StillNeeded(WrongState):
    """Something hangs on what was to be deleted; the text says what, and what to do."""


class BasketRefused(ValueError):
    """Markets that cannot be put together; the text says why and what to do."""


class NotNow(Exception):
    """A provider may not be asked for so many seconds."""

    def __init__(self, seconds: float, why: str):
        self.seconds, self.why = seconds, why
        super().__init__(why)
