"""What can go wrong at a provider, by what is to be done about it."""


class Fault(Exception):
    """`str()` is one line for people: who, what, and the remedy where there is one."""


class TryAgain(Fault):
    """It may work in a moment: no connection, a server's error, an answer that is no JSON. Counts
    against the provider.
    """


class Wait(Fault):
    """The provider told us to wait; nothing is sent before `seconds` have passed."""

    def __init__(self, text: str, seconds: float):
        self.seconds = seconds
        super().__init__(text)


class Refused(Fault):
    """Asking again would not help: a wrong key, an unknown coin, impossible candles. Another source
    may.
    """
