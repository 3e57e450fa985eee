"""The settings of the portal, in the order of Django's documentation.

What differs between installations comes from the environment; what is missing
fails at start, with its name; forgetting a variable leaves the site safe.
ENV_FILE may name a file of NAME=value lines, which never override a variable
that is already set.
"""

import ipaddress
import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if ENV_FILE := env.str("ENV_FILE", default=""):
    environ.Env.read_env(ENV_FILE)


def env_bool(name, default):
    """Read a yes/no variable and refuse anything that is neither: a slip of the pen must not switch HTTPS off."""
    value = env.str(name, default=str(default)).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no (1, true, yes, on; 0, false, no, off), not {value!r}.")


# Everything the portal writes (database file, spool, mails, cache, documents) lies below this folder.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]"}

DEBUG = env_bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")

# A demonstration has accounts with known passwords, so nobody but this machine may reach it.
DEMO = env_bool("DEMO", default=False)
if (DEMO or DEBUG) and not set(ALLOWED_HOSTS) <= LOOPBACK_HOSTS:
    raise ImproperlyConfigured("DEMO and DEBUG need ALLOWED_HOSTS to name this machine only, such as 'localhost'.")


def for_demonstration(value):
    """A default for a demonstration only: elsewhere the variable must be set, or letters would go astray."""
    return {"default": value} if DEMO or DEBUG else {}


# Applications

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django_filters",
    "crispy_forms",
    "allauth",
    "allauth.account",
    "contacts",
    "offers",
    "analytics",
]

MIDDLEWARE = [
    "platform_portal.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "analytics.recording.middleware.RecordUse",
    "analytics.recording.middleware.RefusePrefetch",
    "platform_portal.page_cache.PageCache",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "platform_portal.middleware.CacheRules",
    "platform_portal.middleware.ErrorPages",
    "contacts.closing.ReadOnly",
    "contacts.kept_posts.KeepWhatCameTooLate",
    "platform_portal.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "analytics.recording.middleware.MarkTheIsu",
]

ROOT_URLCONF = "platform_portal.urls"
WSGI_APPLICATION = "platform_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "platform_portal.context_processors.page_frame",
            ],
        },
    },
]

CRISPY_TEMPLATE_PACK = "portal"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["portal"]
CRISPY_FAIL_SILENTLY = False

# Database

if "DATABASE_URL" in env.ENVIRON:
    DATABASES = {"default": env.db_url("DATABASE_URL")}
    if "ENGINE" not in DATABASES["default"]:
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host/name.")
else:
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "db.sqlite3"}}

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Without IMMEDIATE, two processes that read before they write fail with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
    }
else:
    DATABASES["default"].setdefault("OPTIONS", {})["connect_timeout"] = 5  # seconds
    # To compare words with fifty synonyms costs more than the planner thinks, and no disk has a head to move any more:
    # it would rather read all words than ask the index. Another value may stand in DATABASE_URL (?options=…).
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c random_page_cost=1.1 -c cpu_operator_cost=0.02")
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Opening a connection takes longer than answering from a kept page.
DATABASES["default"]["CONN_MAX_AGE"] = 60  # seconds

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all worker processes, so that limits on signing in hold for all of them together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
        # Beyond it, counters are forgotten at random: with the usual 300, many addresses together would meet no limit.
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    # Of each process for itself: what is kept there can never be stale (see platform_portal.page_cache).
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": 24 * 3600,  # seconds
        "OPTIONS": {"MAX_ENTRIES": 1000},  # of some 15 KB each
    },
}

# Accounts

AUTH_USER_MODEL = "contacts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "offers:start"

ACCOUNT_ADAPTER = "contacts.accounts.ClosedAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# The Django admin is for ISU administrators and may be switched off.
ADMIN_ENABLED = env_bool("ADMIN_ENABLED", default=True)

# Browser security. HTTPS is taken for granted but for a demonstration on this machine.

HTTPS = env_bool("HTTPS", default=not DEMO)
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# The exact number of proxies in front; a visitor could otherwise forge address and scheme.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# The websites that may show the list of offers in a frame; without any, nobody may.
EMBED_ORIGINS = env.list("EMBED_ORIGINS", default=[])
# They stand in a header, so nothing but scheme, host and port may pass.
ORIGIN = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?")
LOOPBACK_ORIGIN = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d{1,5})?")
for origin in EMBED_ORIGINS:
    if not ORIGIN.fullmatch(origin) and not ((DEMO or DEBUG) and LOOPBACK_ORIGIN.fullmatch(origin)):
        raise ImproperlyConfigured(
            f"EMBED_ORIGINS must list addresses such as 'https://www.example.org', in small letters and without "
            f"a path, not {origin!r}."
        )

# The prefix makes browsers refuse the cookie unless it came from this very host over HTTPS.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
# Whose words a form holds that arrives after the session has ended (see contacts.kept_posts).
WRITER_COOKIE_NAME = f"{COOKIE_PREFIX}writer"
# Neither says who: a browser of the ISU, and one whose user does not want to be followed.
ISU_COOKIE_NAME = f"{COOKIE_PREFIX}isu"
OPT_OUT_COOKIE_NAME = f"{COOKIE_PREFIX}unlinked"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # seconds
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_AGE = None  # until the browser is closed: visitors who fill in a form get it too
CSRF_FAILURE_VIEW = "platform_portal.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Languages and time

LANGUAGE_CODE = "en"
# The order in which the United Nations lists its languages.
LANGUAGES = [
    ("ar", "العربية"),
    ("zh-hans", "中文"),
    ("en", "English"),
    ("fr", "Français"),
    ("ru", "Русский"),
    ("es", "Español"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "platform_portal.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Zurich"

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "documents"
OFFLINE_DIR = DATA_DIR / "offline"  # written by build_offline_pack
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail: every message becomes a row in the outbox; send_outgoing_mail delivers it by EMAIL_URL.

EMAIL_BACKEND = "offers.outbox.OutboxBackend"
DELIVERY = env.email_url("EMAIL_URL", **for_demonstration(f"filemail:///{DATA_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", **for_demonstration("portal@example.org"))
# Where the post office reports what it could not deliver; record_bounce reads what comes there.
MAIL_BOUNCE_ADDRESS = env.str("MAIL_BOUNCE_ADDRESS", default=DEFAULT_FROM_EMAIL)
# Days for which the text of a letter that could not be delivered is kept, and the line of each letter that has left.
MAIL_FAILED_KEPT_DAYS = 30
MAIL_KEPT_DAYS = 365

# The portal

PORTAL_NAME = _("Platform for Partnerships")
# On every page, file, feed and answer.
PORTAL_DISCLAIMER = _(
    "Not a commitment or endorsement. Assistance is subject to agreement between the parties and to national law. "
    "Names and designations imply no position on the status of any territory."
)
# The only source of whole addresses, in mails and on pages: the Host header is the visitor's word.
PORTAL_URL = env.str("PORTAL_URL", **for_demonstration("http://localhost:8000")).rstrip("/")
ISU_EMAIL = env.str("ISU_EMAIL", **for_demonstration("isu@example.org"))
ISU_REPLY_WORKING_DAYS = env.int("ISU_REPLY_WORKING_DAYS", default=5)
# Who answers for personal data, as the privacy page says.
PRIVACY_CONTROLLER = env.str("PRIVACY_CONTROLLER", default="") or _("the Implementation Support Unit (ISU)")

# Days after a State has confirmed an offer until it is due, overdue, and hidden.
OFFER_DUE_DAYS = 180
OFFER_OVERDUE_DAYS = OFFER_DUE_DAYS + 30
OFFER_SUSPENDED_DAYS = OFFER_OVERDUE_DAYS + 60
OFFER_DEFAULT_MONTHS = 12
OFFER_LONGEST_MONTHS = 24

# How long a link is good for: to show a version to the capital, to confirm offers or a contact point from a letter.
PREVIEW_LINK_DAYS = 14
CONFIRM_LINK_DAYS = 60
# Hours in which a State can take back that it has withdrawn an offer.
UNDO_HOURS = 24
# Minutes for which a member of the ISU is shown as looking at a version.
CLAIM_MINUTES = 30
# Minutes for which a file is kept whose form had another error; days for which a form is kept that came too late.
HELD_UPLOAD_MINUTES = 60
KEPT_POST_DAYS = 7
# Days after its last confirmation on which a contact point is asked again; a year is what the directory allows.
CONTACT_DUE_DAYS = 335
CONTACT_OVERDUE_DAYS = 365

# Enquiries. Days in which the sender confirms the address; from the day it is passed on, days until both sides are
# asked what came of it, for the first and for the last time, and until nothing more is expected.
ENQUIRY_CONFIRM_DAYS = 7
ENQUIRY_FIRST_QUESTION_DAYS = 60
ENQUIRY_LAST_QUESTION_DAYS = 180
ENQUIRY_CLOSES_DAYS = 210
# Days after an enquiry is closed until personal data are erased; the privacy page says twelve months.
ENQUIRY_KEPT_DAYS = 365

# Alerts. Hours in which an address is confirmed; days for which a link in a letter leads to what one gets.
SIGN_UP_HOURS = 24
MANAGE_LINK_DAYS = 400
# Days after which an address is erased whose mailbox takes no letters; the privacy page says three months.
PAUSED_SUBSCRIBER_DAYS = 90

# How many messages of each kind visitors may send in so many seconds: from one network address, which a whole
# delegation may share; with one e-mail address; and in all, so that no flood fills a mailbox.
MINUTE, HOUR = 60, 3600
VISITOR_LIMITS = {
    "mistake_report": [("network", 10, HOUR), ("all", 100, HOUR)],
    "enquiry": [("network", 10, HOUR), ("email", 5, HOUR), ("all", 200, HOUR)],
    "sign_up": [
        ("network", 4, MINUTE),
        ("network", 40, HOUR),
        ("email", 4, MINUTE),
        ("email", 40, HOUR),
        ("all", 1000, HOUR),
    ],
    "feedback": [("network", 20, HOUR), ("all", 500, HOUR)],
}
# Days after a report of a mistake is done until its text and address are erased; the privacy page says twelve months.
MISTAKE_REPORT_KEPT_DAYS = 365

# Recording of use

# Where a page view goes: "spool" (a line in a file, taken in by analytics_ingest), "db" (at once), "null" (nowhere).
ANALYTICS_SINK = env.str("ANALYTICS_SINK", default="spool")
if ANALYTICS_SINK not in {"spool", "db", "null"}:
    raise ImproperlyConfigured("ANALYTICS_SINK must be 'spool', 'db' or 'null'.")
ANALYTICS_SPOOL = Path(env.str("ANALYTICS_SPOOL", default=str(DATA_DIR / "spool")))
ANALYTICS_SPOOL_BYTES = env.int("ANALYTICS_SPOOL_BYTES", default=256 * 2**20)  # beyond this, lines are lost and counted
# Also survive a power failure, but for the last second; costs a disk write a second.
ANALYTICS_FSYNC = env_bool("ANALYTICS_FSYNC", default=False)
# The secrets behind the visitor keys, one a day: never in the database, and never to be backed up.
ANALYTICS_SECRETS = Path(env.str("ANALYTICS_SECRETS", default=str(DATA_DIR / "day-secrets")))
# Part of the rules of counting: changing it makes old and new figures incomparable.
ANALYTICS_TIME_ZONE = "Europe/Zurich"
# How long what was recorded is kept, in days; `check` refuses more than the privacy page promises.
# Visitor keys and what searches asked for. Older days are never counted again from the raw events.
ANALYTICS_REBUILD_DAYS = env.int("ANALYTICS_REBUILD_DAYS", default=35)
ANALYTICS_EVENT_DAYS = env.int("ANALYTICS_EVENT_DAYS", default=400)
ANALYTICS_QUARANTINE_DAYS = env.int("ANALYTICS_QUARANTINE_DAYS", default=30)
# Networks of the ISU's offices, such as "192.0.2.0/24": what is opened from there is not counted as use.
ANALYTICS_OFFICE_NETWORKS = env.list("ANALYTICS_OFFICE_NETWORKS", default=[])
for network in ANALYTICS_OFFICE_NETWORKS:
    try:
        parsed = ipaddress.ip_network(network)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"ANALYTICS_OFFICE_NETWORKS must list networks such as '192.0.2.0/24', not {network!r}: {error}."
        ) from error
    if parsed.version == 6 and parsed.prefixlen > 64:
        raise ImproperlyConfigured(f"ANALYTICS_OFFICE_NETWORKS can name no part of a /64, as {network!r} is.")
# Days until the comment to an answer to "Did you find what you needed?" is erased.
FEEDBACK_COMMENT_DAYS = 365

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_tokens": {"()": "platform_portal.logs.WithoutTokens"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_tokens"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
