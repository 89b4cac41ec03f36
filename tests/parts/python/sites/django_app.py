"""A Django app without passwords: it takes the person from the gate's headers. Its forms have CSRF tokens.

The three settings that it needs behind the gate have numbers below. The rest is an ordinary Django app.
"""

import django
from django.conf import settings

from serving import arguments, database, serve

options = arguments(__doc__)
settings.configure(
    SECRET_KEY="only-for-tests-on-this-machine",
    ALLOWED_HOSTS=[".localhost", "127.0.0.1"],
    ROOT_URLCONF="__main__",
    DATABASES=database(options.state),
    USE_TZ=True,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "gate_user.GateUserMiddleware",  # 1. the person comes from Remote-User
    ],
    AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.RemoteUserBackend"],
    USE_X_FORWARDED_HOST=True,  # 2. links and the CSRF check use the address that people type
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),  # 3. and the scheme of that address
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"context_processors": ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"]},
        }
    ],
)
django.setup()

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse  # noqa: E402: Django needs its settings first
from django.template import engines  # noqa: E402
from django.urls import path, re_path  # noqa: E402
from django.views.decorators.http import require_GET, require_POST  # noqa: E402

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head><body>
<h1>{{ title }}</h1>
<dl>
<dt>User</dt><dd id="user">{{ user.get_username }}</dd>
<dt>E-mail</dt><dd id="email">{{ email }}</dd>
<dt>Name</dt><dd id="name">{{ name }}</dd>
<dt>Groups</dt><dd id="groups">{{ groups }}</dd>
</dl>
<form method="post" action="/notes">{% csrf_token %}<label>Note <input name="note" id="note"></label><button id="keep">Keep</button></form>
<ul id="notes">{% for note in notes %}<li>{{ note }}</li>{% endfor %}</ul>
</body></html>"""
notes = []


def page(request, title):
    facts = {
        "title": title,
        "email": request.headers.get("Remote-Email", ""),
        "name": request.headers.get("Remote-Name", ""),
        "groups": request.headers.get("Remote-Groups", ""),
        "notes": [text for who, text in notes if who == request.user.get_username()],
    }
    return HttpResponse(engines["django"].from_string(PAGE).render(facts, request))


@require_GET
def home(request, area=""):
    return page(request, "Notes")


@require_GET
def numbered(request, number):
    return page(request, f"Page {number}")


@require_POST
def keep(request):
    if not request.user.is_authenticated:
        return HttpResponse("who are you?", status=403, content_type="text/plain")
    notes.append((request.user.get_username(), request.POST["note"]))
    return HttpResponseRedirect(request.build_absolute_uri("/"))


def seen(request):
    """The request as it reached the app. A test can also see what is missing in it."""
    return JsonResponse(
        {
            "user": request.user.get_username(),
            "method": request.method,
            "url": request.build_absolute_uri(),
            "headers": dict(request.headers),
            "cookies": sorted(request.COOKIES),
            "body": request.body.decode("utf-8", "replace") if request.method == "GET" else None,
        }
    )


urlpatterns = [
    path("", home),
    path("page/<int:number>", numbered),
    path("notes", keep),
    path("<slug:area>/", home),  # areas with different rules in a policy
    re_path(r"^(?:[a-z-]+/)?seen$", seen),
]


def main():
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0, interactive=False)
    serve(get_wsgi_application())


if __name__ == "__main__":
    main()
