"""What the cache holds: whole numbers, written as digits."""


class Whole:
    """The serializer of Redis's cache: what others wrote there is never more than a number
    (Django's own would unpickle it).
    """

    def dumps(self, value: int) -> int:
        return int(value)

    def loads(self, raw: bytes) -> int:
        return int(raw)
