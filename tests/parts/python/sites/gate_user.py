"""How a Django app takes the person from the gate. Django then creates the app's user row at the first visit."""

from django.contrib.auth.middleware import RemoteUserMiddleware


class GateUserMiddleware(RemoteUserMiddleware):
    header = "HTTP_REMOTE_USER"
