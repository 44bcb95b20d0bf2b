"""Every setting of the project. What differs between machines comes from the environment."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import environ
from csp.constants import NONE, SELF

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- this machine ---------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY")  # no default: `./run` makes one, a missing key stops the start
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS")  # Fernet keys, newest first; older ones still decrypt
DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var" / "data")))
TIKTOKEN_CACHE_DIR = Path(env.str("TIKTOKEN_CACHE_DIR", default=str(BASE_DIR / "var" / "tiktoken")))
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=512 * 1024 * 1024)  # OpenAI's file limit
ENGINE_URL = env.str("ENGINE_URL", default="http://127.0.0.1:8001/v1")
ALLOW_PRIVATE_HOSTS = env.bool("ALLOW_PRIVATE_HOSTS", default=False)

# --- addresses and cookies --------------------------------------------------------------------
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", urlsplit(PUBLIC_URL).hostname]
)
HTTPS = env.bool("HTTPS", default=False)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_ENGINE = "apps.accounts.sessions"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],  # daisyUI draws its marks as data: SVG
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"

# --- parts ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "template_partials",
    "apps.core",
    "apps.accounts",
    "apps.providers",
    "apps.datasets",
    "apps.jobs",
    "apps.notifications",
    "apps.sweeps",
    "apps.evals",
    "apps.library",
    "apps.playground",
    "apps.home",
    "apps.engine",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "apps.core.middleware.htmx_login_redirect",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.middleware.SignInRequired",
    "apps.accounts.middleware.membership",
    "django.contrib.messages.middleware.MessageMiddleware",
    "apps.core.middleware.page_for_forms_address",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
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
                "apps.core.context.product",
            ]
        },
    }
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

# --- people -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.backends.MemberBackend"]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home:overview"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "apps.accounts.validators.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- rows, queue, cache -----------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL")}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # a restarted PostgreSQL costs nobody a page
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": 16,
    "timeout": 10,  # seconds until a page says that the database is away
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")


def _broker_url(redis_url: str) -> str:
    """Return the same address in Celery's spelling; only Unix sockets are spelled differently."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = urlencode({"virtual_host": dict([parts.query.split("=")])["db"] if parts.query else 0})
    return f"redis+socket://{parts.path}?{query}"


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {
            "serializer": "apps.core.cache.JSONSerializer",
            "pool_class": "apps.core.cache.SharedConnections",
        },
    }
}
CELERY_BROKER_URL = _broker_url(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "note-heartbeat": {
        "task": "home.note_heartbeat",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "check-due-datasets": {
        "task": "datasets.check_due_versions",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "advance-due-jobs": {
        "task": "jobs.advance_due_jobs",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 2},
    },
    "import-due-jobs": {
        "task": "jobs.import_due_jobs",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 2},
    },
    "poll-due-jobs": {
        "task": "jobs.poll_due_jobs",
        "schedule": timedelta(seconds=0.5),
        "options": {"expires": 2},
    },
    "advance-due-sweeps": {
        "task": "sweeps.advance_due_sweeps",
        "schedule": timedelta(seconds=3),
        "options": {"expires": 3},
    },
    "advance-due-evals": {
        "task": "evals.advance_due_runs",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 2},
    },
    "notice": {
        "task": "notifications.notice",
        "schedule": timedelta(seconds=3),
        "options": {"expires": 3},
    },
    "prune-notifications": {
        "task": "notifications.prune",
        "schedule": timedelta(hours=1),
        "options": {"expires": 60},
    },
    "collect-models": {
        "task": "library.collect_models",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "refresh-announced-ends": {
        "task": "library.refresh_announced_ends",
        "schedule": timedelta(minutes=2),
        "options": {"expires": 60},
    },
    "read-due-model-lists": {
        "task": "library.read_due_lists",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "advance-due-removals": {
        "task": "library.advance_due_removals",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "advance-due-deployments": {
        "task": "library.advance_due_deployments",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 2},
    },
}
# Ticks have a queue and a worker of their own: an upload or a check of minutes delays no news.
CELERY_TASK_ROUTES = {entry["task"]: {"queue": "ticks"} for entry in CELERY_BEAT_SCHEDULE.values()}

# --- e-mail -----------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", default="none")  # then nothing is sent, and the page says so
CAN_SEND_EMAIL = EMAIL_URL != "none"
if CAN_SEND_EMAIL:
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="retune@localhost")

# --- files ------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [
    path for path in (BASE_DIR / "static" / "dist", BASE_DIR / "static" / "img") if path.exists()
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
SERVESTATIC_USE_FINDERS = DEBUG
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes of a form; files are streamed instead
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a row of 500 messages is edited in 4,500 fields

# --- words, time, logs ------------------------------------------------------------------------
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]  # each in its own name
LOCALE_PATHS = [BASE_DIR / "apps" / "core" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "httpx2": {"level": "WARNING"},  # it logs every URL
        "openai": {"level": "WARNING"},  # it logs what is sent
        "celery.app.trace": {"level": "WARNING"},  # three ticks a second are no news
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}
