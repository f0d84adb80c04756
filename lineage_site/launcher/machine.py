"""Can this machine's Python carry the project? Run as a script before anything is installed, so it
keeps to old syntax.
"""

import sys

OLDEST = (3, 11)


def problem():
    """One line that says what is missing and the remedy, or ''."""
    if sys.version_info < OLDEST:
        have = ".".join(map(str, sys.version_info[:3]))
        return "Python %d.%d or newer is needed, %s is %s; try: make PYTHON=python3.11 ..." % (
            OLDEST + (sys.executable, have)
        )
    try:
        __import__("venv")
        __import__("ensurepip")
    except ImportError as missing:
        return (
            "Python's module %s is missing; on Debian or Ubuntu: apt-get install python3-venv"
            % missing.name
        )
    return ""


if __name__ == "__main__":
    text = problem()
    if text:
        sys.stderr.write(text + "\n")
        sys.exit(2)
