"""What a browser says it is, in two words: enough for its owner to know it again."""

# the first that is found counts: most browsers claim to be several
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "a script"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device_words(told: str) -> str:
    """ "Firefox on Linux"."""
    browser = _first(BROWSERS, told) or "an unknown browser"
    system = _first(SYSTEMS, told)
    return f"{browser} on {system}" if system else browser


def _first(table: tuple[tuple[str, str], ...], told: str) -> str:
    return next((words for mark, words in table if mark in told), "")
