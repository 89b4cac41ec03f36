"""django-cas-server as a part of the tests: one person, and every service on this machine."""

import json

import django
from django.conf import settings

from serving import arguments, database, serve

options = arguments(
    __doc__,
    user="the person's name at sign-in",
    password="the person's password",
    attributes="the person's attributes, as a JSON object",
    services="Python that makes the entries of services",
)
settings.configure(
    SECRET_KEY="only-for-tests-on-this-machine",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="__main__",
    DATABASES=database(options.state),
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "django.contrib.staticfiles",
        "cas_server",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    STATIC_URL="/static/",
    CAS_AUTH_CLASS="cas_server.auth.TestAuthUser",
    CAS_TEST_USER=options.user,
    CAS_TEST_PASSWORD=options.password,
    CAS_TEST_ATTRIBUTES=json.loads(options.attributes),
    CAS_PROXY_CA_CERTIFICATE_PATH=False,  # proxy call-backs here are plain http on loopback
    CAS_NEW_VERSION_HTML_WARNING=False,  # the page would ask a package registry for the newest version
    CAS_NEW_VERSION_EMAIL_WARNING=False,
    CAS_COMPONENT_URLS={name: "" for name in ("bootstrap3_css", "bootstrap3_js", "html5shiv", "respond", "bootstrap4_css", "bootstrap4_js", "jquery")},
    CAS_SLO_TIMEOUT=5,
)
django.setup()

from django.urls import include, path  # noqa: E402: Django needs its settings first

urlpatterns = [path("cas/", include("cas_server.urls", namespace="cas_server"))]


def every_service(ServicePattern, ReplaceAttributName):
    services = ServicePattern.objects.create(
        name="local",
        pattern=r"^http://(([a-z]+\.)?localhost|127\.0\.0\.1)(:\d+)?/.*$",
        proxy=True,
        proxy_callback=True,
        single_log_out=True,
        user_field="",
    )
    ReplaceAttributName.objects.create(name="*", service_pattern=services)  # '*' releases every attribute


def main():
    from cas_server.models import ReplaceAttributName, ServicePattern
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0, interactive=False)
    if options.services:
        exec(options.services, {})  # as `manage.py shell` runs it
    else:
        every_service(ServicePattern, ReplaceAttributName)
    serve(StaticFilesHandler(get_wsgi_application()))


if __name__ == "__main__":
    main()
