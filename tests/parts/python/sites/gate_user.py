"""How a Django app takes the person from the gate: three lines, and the app's own user rows follow."""

from django.contrib.auth.middleware import RemoteUserMiddleware


class GateUserMiddleware(RemoteUserMiddleware):
    header = "HTTP_REMOTE_USER"
