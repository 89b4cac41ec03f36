"""A Django dashboard behind what worker/docs/behind-django.md says: settings, back end and wsgi.py are the guide's own.

It has Django's administration with a local superuser `admin`, whose name somebody at the CAS server may have too.
"""

import sys

import django
from django.conf import settings

from serving import arguments, database, serve

options = arguments(__doc__, guide="the folder with the guide's files", verifiers="the folder of portcullis_assertion.py")
sys.path[:0] = [options.guide, options.verifiers]

import gate_settings  # noqa: E402: the guide's, from the folder above

settings.configure(
    SECRET_KEY="only-for-tests-on-this-machine",
    ROOT_URLCONF="__main__",
    DATABASES=database(options.state),
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.messages", "django.contrib.sessions"],
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
    **{name: getattr(gate_settings, name) for name in dir(gate_settings) if name.isupper()},
)
django.setup()

from django.contrib import admin, messages  # noqa: E402: Django wants its settings first
from django.http import HttpResponse, HttpResponseRedirect  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.http import require_GET, require_POST  # noqa: E402

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Dashboard</title></head><body>
<h1>Dashboard</h1><p id="user">{{ user.get_username }}</p>
<form method="post" action="/notes">{% csrf_token %}<input name="note"><button>Keep</button></form>
<ul>{% for message in messages %}<li>{{ message }}</li>{% endfor %}</ul>
<a id="out" href="/.portcullis/logout">Sign out</a>
</body></html>"""


@require_GET
def home(request):
    return HttpResponse(engines["django"].from_string(PAGE).render({}, request))


@require_POST
def keep(request):
    if not request.user.is_authenticated:
        return HttpResponse("who are you?", status=403, content_type="text/plain")
    messages.success(request, request.POST["note"])
    return HttpResponseRedirect(request.build_absolute_uri("/"))


@require_GET
def cookies(request):
    answer = HttpResponse("three")
    answer.set_cookie("first", "1", httponly=True)
    answer.set_cookie("second", "2", path="/deep", samesite="Lax")
    answer.set_cookie("third", "3", max_age=600)
    return answer


urlpatterns = [path("", home), path("notes", keep), path("cookies", cookies), path("admin/", admin.site.urls)]


def main():
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    User.objects.create_superuser("admin", password="of-this-machine-only")

    import wsgi  # the guide's

    serve(wsgi.application)


if __name__ == "__main__":
    main()
