"""Django's settings; everything that varies between machines is read from the environment, once,
here.
"""

import os
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from lineage_site.environment import (
    env,
    file_place,
    names,
    private,
    provider_settings,
    redis_url,
    tls,
)
from lineage_site.environment.kernels import cache_folder
from lineage_site.environment.keys import secret_key

# before anything is written, here and in every child
private.keep_private()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.read(
    "VAR_DIR", str(BASE_DIR / "var"), env.writable_folder, "a folder that can be written"
)
HOST = env.read("HOST", "127.0.0.1", str, "a host")
PORT = env.read("PORT", "8000", env.whole(1, 65535), "a port from 1 to 65535")
WORKERS = env.read(
    "WORKERS", str(min(os.cpu_count() or 1, 4)), env.whole(1, 64), "a whole number from 1 to 64"
)
# processes that serve pages and sockets, on one port
WEB_WORKERS = env.read("WEB_WORKERS", "1", env.whole(1, 16), "a whole number from 1 to 16")
# agents that one task plays: a unit of work and of commit; no result depends on it
BLOCK_SIZE = env.read("BLOCK_SIZE", "64", env.whole(1, 4096), "a whole number from 1 to 4096")
DEMO = env.read("DEMO", "1", env.flag, "1 or 0")
LOG_LEVEL = env.read(
    "LOG_LEVEL",
    "INFO",
    env.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
    "DEBUG, INFO, WARNING or ERROR",
)
LOG_FORMAT = env.read("LOG_FORMAT", "line", env.one_of("LINE", "JSON"), "line or json").lower()

# before NumPy and Numba are imported, here and in every child
os.environ.update(env.ONE_THREAD)
os.environ["PRODUCTS"] = env.read(
    "PRODUCTS", "tiles", env.one_of("TILES", "PLAIN"), "tiles or plain"
).lower()
os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder(BASE_DIR, VAR_DIR)))
# uploads are spooled here
(VAR_DIR / "tmp").mkdir(exist_ok=True)

SECRET_KEY = secret_key(VAR_DIR)
# addresses people reach the site under besides this machine's own: behind a proxy, or by name with
# HOST=0.0.0.0
PUBLIC_ORIGINS = env.read(
    "ORIGINS", "", env.origins, "a comma-separated list like https://arena.example"
)
DEBUG = env.read(
    "DEBUG",
    "0",
    env.safe_debug(HOST, PUBLIC_ORIGINS),
    "0, or 1 where HOST is this machine's own and ORIGINS is unset",
)
OWN_HOSTS = ["localhost", "127.0.0.1", "[::1]", f"[{HOST}]" if ":" in HOST else HOST]
ALLOWED_HOSTS = [*OWN_HOSTS, *(str(urlsplit(origin).hostname) for origin in PUBLIC_ORIGINS)]
ORIGINS = [*PUBLIC_ORIGINS, *(f"http://{host}:{PORT}" for host in OWN_HOSTS)]
CSRF_TRUSTED_ORIGINS = PUBLIC_ORIGINS
# whose X-Forwarded-For tells where people are, or all of them would share the limits of one address
PROXY = env.read("PROXY", "", env.addresses, "addresses like 10.0.0.2, comma-separated")
INSTALLED_APPS = [
    "lineage_site.web.admin_site.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "agents",
    "arena",
]
MIDDLEWARE = [
    "lineage_site.web.request_ids.request_ids",
    # counts every answer as it goes out
    "lineage_site.web.metrics.counted",
    # the outermost: whatever those inside it make of an answer, it is compressed as it goes out
    "lineage_site.web.middleware.Compressed",
    # whatever inside it refuses a call of the API, the answer is one for scripts
    "lineage_site.web.middleware.problems_of_the_api",
    "lineage_site.web.middleware.bounded_query",
    "django.middleware.security.SecurityMiddleware",
    "lineage_site.web.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "arena.views.people.doorway.door",
    "lineage_site.web.middleware.fair_share",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "lineage_site.urls"
ASGI_APPLICATION = "lineage_site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# SQLite: one short IMMEDIATE transaction at a time, readers never wait (WAL)
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;"
    " PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;",
}
DATABASES = {
    "default": env.read(
        "DATABASE_URL",
        f"sqlite:///{VAR_DIR}/lineage.sqlite3",
        dj_database_url.parse,
        "a database like postgres://user:password@host/name",
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
FORM_RENDERER = "lineage_site.web.form_renderer.Quick"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.read(
    "REDIS_URL",
    redis_url.private_url(VAR_DIR),
    redis_url.checked,
    "a server like redis://host:6379/0",
)
# what all keys of this site begin with there
SITE = env.read(
    "SITE",
    names.default_name(SECRET_KEY),
    names.name,
    "a name of small letters, digits and hyphens",
)
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "lineage_site.web.layer.Layer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": SITE},
    }
}

# counts of what people ask for, see arena.services.people.limits; "own": of this process, where
# Redis does not answer
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": SITE,
        "OPTIONS": {
            "serializer": "lineage_site.counts.Whole",
            "socket_timeout": 2,
            "socket_connect_timeout": 2,
        },
    },
    "own": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
# of so many rounds one is kept whole; 0: by the size of a run
KEEP_EVERY = env.read(
    "KEEP_EVERY",
    "0",
    env.whole(0, 10_000),
    "a whole number of rounds from 1, or 0 to choose by the size of a run",
)
# a tenth of the disk for each user, 1 GB at least
DISK_PER_USER_MB = env.read(
    "DISK_PER_USER_MB",
    str(max(shutil.disk_usage(VAR_DIR).total // 10_000_000, 1000)),
    env.whole(0, 1_000_000_000),
    "a whole number of megabytes, 0 for no limit",
)
# whom /metrics answers from elsewhere; without one, those alone who look after the site
METRICS_TOKEN = provider_settings.secret("METRICS_TOKEN")
LIMITS = env.read("LIMITS", "1", env.flag, "1 or 0")

# the most that an experiment may be expected to take, see arena.selectors.machine.allowance; 0: by
# the machine, as it then is
MOST = {
    "memory": env.read(
        "MOST_MEMORY_GIB", "0", env.whole(0, 65_536), "a whole number of GiB, 0 for the machine's"
    )
    << 30,
    "disk": env.read(
        "MOST_DISK_GIB",
        "0",
        env.whole(0, 1_048_576),
        "a whole number of GiB, 0 for half of what is free",
    )
    << 30,
    "rows": env.read("MOST_ROWS", "200000000", env.whole(1, 10**12), "a whole number of rows"),
    "hours": env.read("MOST_HOURS", "720", env.whole(1, 10**6), "a whole number of hours"),
    "running": env.read("MOST_RUNNING", "20", env.whole(1, 10**6), "a whole number of experiments"),
}

# where prices come from
PROVIDERS = provider_settings.providers()

# cookies, and what else depends on https
globals().update(tls.https_settings(PUBLIC_ORIGINS, PROXY))

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "experiment_list"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

# no script of ours reads a cookie: forms carry their token themselves
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 7 * 24 * 3600
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "arena.people.passwords.NotTooLong"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "arena.services.people.passwords.EndsWhatTheOldOneOpened"},
]
# all fields of a form, or a call of the API, without files; all settings there are take some five
# thousand bytes
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 2
# above this a request is cut off unread; a file too large but below it is refused by its form, in
# words
LARGEST_BODY = 64 * 1024 * 1024
# of who is not logged in: a name and a password
LARGEST_BODY_OF_STRANGERS = 64 * 1024

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": file_place.storage(VAR_DIR),
    "staticfiles": {"BACKEND": "lineage_site.web.static_storage.Storage"},
}
# what is uploaded or collected is set to these, whatever the umask
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
# files of a site are for its own pages
WHITENOISE_ALLOW_ALL_ORIGINS = False
# an address without the version of today: the browser asks whether the file changed, so that no
# page runs yesterday's script
WHITENOISE_MAX_AGE = 0

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "lineage_site.logs.Line",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "lineage_site.logs.Json"},
    },
    "filters": {"no_fault_of_ours": {"()": "lineage_site.logs.NoFaultOfOurs"}},
    "handlers": {
        "stderr": {
            "class": "lineage_site.logs.Stderr",
            "formatter": LOG_FORMAT,
            "filters": ["no_fault_of_ours"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        # the web server's own words do not pass the root
        "uvicorn.error": {"filters": ["no_fault_of_ours"]},
        # a line or two for every wake-up call of the reaper would bury the rest
        "celery": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "numba": {"level": "WARNING"},
    },
}
