"""All settings, from the environment. `.env.example` explains each name; a test keeps both lists the same.

Safe for production as they stand: what makes life easier on a laptop is switched on by the launcher or by the tests.
"""

import logging
import os
from pathlib import Path
from urllib.parse import urlsplit

from whitenoise.compress import Compressor

from config import checks

ROOT = Path(__file__).resolve().parent.parent


def setting(name: str, default: str = "") -> str:
    """The text of one environment variable; an empty one counts as not set, as compose files make them."""
    return os.environ.get(name) or default


# --- What must be there -----------------------------------------------------------------------------------------
SECRET_KEY = checks.secret_key("SECRET_KEY", setting("SECRET_KEY"))
DATABASE = checks.database("DATABASE_URL", setting("DATABASE_URL"))
REDIS_URL = checks.redis_address("REDIS_URL", setting("REDIS_URL"))

# --- Where we are -----------------------------------------------------------------------------------------------
DEBUG = checks.yes_or_no("DEBUG", setting("DEBUG", "0"))
DEMO = checks.yes_or_no("HUIYIN_DEMO", setting("HUIYIN_DEMO", "0"))
BASE_URL = checks.base_url("HUIYIN_BASE_URL", setting("HUIYIN_BASE_URL", "http://127.0.0.1:8000"))
HTTPS = BASE_URL.startswith("https://")
DATA = checks.folder("HUIYIN_DATA", setting("HUIYIN_DATA", str(ROOT / ".data")))

_host = urlsplit(BASE_URL).hostname or ""
ALLOWED_HOSTS = [_host, "127.0.0.1", "localhost", *checks.host_names("HUIYIN_HOSTS", setting("HUIYIN_HOSTS"))]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
# Only these may speak for somebody else through X-Forwarded-For (common/trusted_proxies.py).
TRUSTED_PROXIES = checks.networks("HUIYIN_TRUSTED_PROXIES", setting("HUIYIN_TRUSTED_PROXIES"))

# --- Parts ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "config.static_files.StaticFiles",  # django.contrib.staticfiles without what nobody asks for
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "csp",
    # ours, lowest layer first
    "common",
    "calendars",
    "accounts",
    "orders",
    "tickets",
    "sla",
    "notifications",
    "demo",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "common.trusted_proxies.TrustedProxies",
    "django_structlog.middlewares.RequestMiddleware",
    # what every answer carries, whoever below gives it
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.Preferences",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.FirstStart",
    "django_htmx.middleware.HtmxMiddleware",
    "common.log_context.TicketInLogs",
    "common.middleware.Refusals",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                # --- the apps' own context processors (one line each) ---
                "common.context.page",
                "accounts.context.organisation",
            ],
        },
    }
]

# --- Rows and caches --------------------------------------------------------------------------------------------
DATABASES = {"default": DATABASE | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}}
# The cache has a database number of its own: Django empties the whole number when it clears a cache.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": checks.next_redis_database(REDIS_URL),
        "KEY_PREFIX": "huiyin",
    }
}

# --- Languages and time -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]  # each app adds its own locale folder
TIME_ZONE = checks.time_zone("HUIYIN_TIME_ZONE", setting("HUIYIN_TIME_ZONE", "Asia/Shanghai"))
USE_I18N = True
USE_TZ = True

# --- People and doors (sign-in rules: the accounts app) ---------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# E-mail and phone are unique where they are given, by constraints of their own; Django looks only at `unique=True`.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
# <accounts> allauth: the accounts app decides these
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "phone", "password1*"]  # the form asks for one contact, of either kind
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "reset_password": "accounts.forms.ResetForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PHONE_VERIFICATION_ENABLED = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no mail because somebody typed their address
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# Five wrong passwords lock one account for five minutes, thirty a minute one address (many share one behind a NAT).
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key", "login": "60/m/ip", "reset_password": "20/m/ip,3/10m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Huiyin"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# </accounts>

# --- The browser's safety belts ---------------------------------------------------------------------------------
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_NAME = "huiyin_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "huiyin_csrf"
LANGUAGE_COOKIE_NAME = "huiyin_language"
LANGUAGE_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked for from inside, without TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- Files ------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
STATICFILES_DIRS = [ROOT / "static"]
MEDIA_URL = "/media/"  # never served by itself: a file is fetched through the ticket it belongs to
MEDIA_ROOT = checks.folder("HUIYIN_UPLOADS", setting("HUIYIN_UPLOADS", str(DATA / "uploads")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # every address is written by {% static %}; half the work and half the disk
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    *Compressor.SKIP_COMPRESS_EXTENSIONS,
    "map",
)  # only a developer's browser asks for these
UPLOAD_MAX_BYTES = 20 * 1024 * 1024  # each file; the form says so before sending
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # larger ones go to disk, so that a web process stays small
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # everything in a form that is not a file
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o640

# --- Mail (who is told what: the notifications app) -------------------------------------------------------------
EMAIL_ADDRESS = setting("EMAIL_URL", "sink")
EMAIL_IS_SINK = EMAIL_ADDRESS == "sink"
globals().update(checks.mail("EMAIL_URL", EMAIL_ADDRESS))
EMAIL_TIMEOUT = 20  # seconds; a silent mail server must not hold a worker
DEFAULT_FROM_EMAIL = SERVER_EMAIL = setting("HUIYIN_MAIL_FROM", "Huiyin <noreply@localhost>")
# <notifications> channels: the notifications app decides these
EMAIL_BACKEND = (
    "notifications.channels.sink.SinkBackend" if EMAIL_IS_SINK else "django.core.mail.backends.smtp.EmailBackend"
)
SMS_URL = checks.web_address("HUIYIN_SMS_URL", setting("HUIYIN_SMS_URL"))
SMS_SECRET = checks.needed_with("HUIYIN_SMS_SECRET", setting("HUIYIN_SMS_SECRET"), "HUIYIN_SMS_URL", SMS_URL)
ROBOT_URL = checks.web_address("HUIYIN_ROBOT_URL", setting("HUIYIN_ROBOT_URL"))
ROBOT_KIND = checks.one_of("HUIYIN_ROBOT_KIND", setting("HUIYIN_ROBOT_KIND", "wecom"), ("wecom", "dingtalk", "feishu"))
ROBOT_SECRET = checks.robot_secret("HUIYIN_ROBOT_SECRET", setting("HUIYIN_ROBOT_SECRET"), ROBOT_KIND)
# </notifications>

# --- Work in the background (the timetable: config/celery.py) ---------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message not acknowledged after ten minutes (a killed worker) is given to another; every task is safe to run twice.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 240_000  # kB; a child that grew past it is replaced after its task
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_IGNORE_RESULT = True  # what a task did stands in the database
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {"sla.tasks.sweep": {"queue": "sweep"}}
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300  # seconds, below the visibility timeout: a task never runs in two places for long
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "beat-schedule")

# --- API --------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.auth.TokenAuthentication",  # first: a missing sign-in is 401, not 403
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "common.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "common.pagination.CursorPages",
    "PAGE_SIZE": 25,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    # Many people share one address, so the limit by address is generous; filing is limited by contact in its verb.
    "DEFAULT_THROTTLE_RATES": {"anon": "300/min", "user": "1200/min", "filing": "120/min"},
    "EXCEPTION_HANDLER": "common.api.problem_handler",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Huiyin 回音",
    "DESCRIPTION": "Complaints and after-sales: every case has a promise, and deadlines act.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "TicketChannelEnum": "tickets.models.ticket.Channel",
        "SalesChannelEnum": "orders.models.orders.SalesChannel",
        "WaitReasonEnum": "tickets.models.ticket.WaitReason",
    },
}

# --- Watching it ------------------------------------------------------------------------------------------------
METRICS_NETWORKS = checks.networks("HUIYIN_METRICS_NETWORKS", setting("HUIYIN_METRICS_NETWORKS", "127.0.0.0/8, ::1"))
METRICS_TOKEN = setting("HUIYIN_METRICS_TOKEN")
PROMETHEUS_EXPORT_MIGRATIONS = False
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO  # somebody's wrong address is no warning to us
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # an address is personal data
LOG_FORMAT = checks.one_of("HUIYIN_LOG_FORMAT", setting("HUIYIN_LOG_FORMAT", "json"), ("json", "console"))
LOG_LEVEL = checks.one_of(
    "HUIYIN_LOG_LEVEL", setting("HUIYIN_LOG_LEVEL", "INFO"), ("DEBUG", "INFO", "WARNING", "ERROR")
)
LOGGING_CONFIG = "config.logs.configure"
LOGGING = {"format": LOG_FORMAT, "level": LOG_LEVEL}
