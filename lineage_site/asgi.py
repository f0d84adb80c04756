"""The web server's entry: pages to Django, sockets to the live consumers, from our own pages
only.
"""

import os
import sys

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

from lineage_site.web.body_limit import body_limit
from lineage_site.web.gate import gate
from lineage_site.web.origins import OurPages

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineage_site.settings")
# before anything that imports models
django_application = get_asgi_application()

from arena.live.routing import websocket_urlpatterns  # noqa: E402
from lineage_site.web.senders import known  # noqa: E402
from lineage_site.web.static_files import static_files  # noqa: E402

# a request of a few milliseconds waits for the interpreter as often as it asks the database: five
# milliseconds each time, where another
# computes, would be a tenth of a second
sys.setswitchinterval(0.001)

http = body_limit(
    # an ASGI application, though its messages are typed otherwise
    django_application,  # type: ignore[arg-type]
    settings.LARGEST_BODY,
    of_strangers=settings.LARGEST_BODY_OF_STRANGERS,
    known=known,
)
application = ProtocolTypeRouter(
    {
        "http": static_files(gate(http) if settings.LIMITS else http),
        "websocket": OurPages(
            AuthMiddlewareStack(URLRouter(websocket_urlpatterns)), settings.ORIGINS
        ),
    }
)
