"""A site that asks for a second factor, with django-two-factor-auth and one person who has not enrolled yet."""

import pathlib

import django
from django.conf import settings

from serving import arguments, database, serve

options = arguments(__doc__, user="the person's name at sign-in", password="the person's password")
settings.configure(
    SECRET_KEY="only-for-tests-on-this-machine",
    ALLOWED_HOSTS=["localhost", "127.0.0.1"],
    ROOT_URLCONF="__main__",
    DATABASES=database(options.state),
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "django_otp",
        "django_otp.plugins.otp_static",
        "django_otp.plugins.otp_totp",
        "two_factor",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django_otp.middleware.OTPMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [pathlib.Path(__file__).parent / "templates"],  # a base template that loads nothing from other hosts
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
    LOGIN_URL="two_factor:login",
    LOGIN_REDIRECT_URL="/whoami",
    TWO_FACTOR_QR_FACTORY="qrcode.image.svg.SvgPathImage",
)
django.setup()

from django.contrib.auth.decorators import login_required  # noqa: E402: Django needs its settings first
from django.http import JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from two_factor.urls import urlpatterns as two_factor_urls  # noqa: E402


@login_required
def whoami(request):
    return JsonResponse({"user": request.user.get_username(), "verified": request.user.is_verified()})


urlpatterns = [path("", include(two_factor_urls)), path("whoami", whoami)]


def main():
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0, interactive=False)
    User.objects.create_user(options.user, password=options.password)
    serve(get_wsgi_application())


if __name__ == "__main__":
    main()
