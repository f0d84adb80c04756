"""What follows from being reached by https, as ORIGINS says.

Cookies are carried by no plain request, and browsers send no other.
"""

from typing import Any
from urllib.parse import urlsplit

YEAR = 365 * 24 * 3600
COOKIES = {"session": "sessionid", "csrf": "csrftoken", "known": "lineage_known"}


def https_settings(origins: list[str], proxy: str) -> dict[str, Any]:
    """Django's settings for a site that people reach under `origins`, through `proxy` ("": none is
    believed).

    A request is known to have come by https only where the proxy's word is believed, so a plain one
    is sent on only then; on this machine the site is asked without TLS whether it is well.
    """
    secure = [urlsplit(origin).netloc for origin in origins if origin.startswith("https://")]
    settings = {
        "SESSION_COOKIE_SECURE": bool(secure),
        "CSRF_COOKIE_SECURE": bool(secure),
        # a name that browsers take only from this host, and only by https
        **{
            f"{name.upper()}_COOKIE_NAME": f"{'__Host-' if secure else ''}{cookie}"
            for name, cookie in COOKIES.items()
        },
    }
    if not secure:
        return settings
    return settings | {
        "SECURE_HSTS_SECONDS": YEAR,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "SECURE_SSL_REDIRECT": bool(proxy),
        "SECURE_SSL_HOST": secure[0],
        "SECURE_REDIRECT_EXEMPT": [r"^(healthz|readyz)$"],
        # whether browsers are to know the name beforehand is for its owner to say
        "SILENCED_SYSTEM_CHECKS": ["security.W021"],
    }
