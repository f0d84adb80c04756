"""Which address leads where."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from arena.views.api.site import api
from arena.views.people.login import staff_login
from lineage_site.web import health, metrics

handler500 = "lineage_site.web.trouble.trouble"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    # asked for by name on pages whose head is not ours
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("favicon.svg"))),
    # before the admin's own, which would let anyone guess
    path("admin/login/", staff_login),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_password")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("", include("arena.urls")),
]
