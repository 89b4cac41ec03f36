"""Shared by the four sites: the command line, the WSGI server, and the line with the address at which it listens."""

import argparse
import logging
import pathlib
import sys

import waitress


def arguments(description, **options):
    """Reads the command line. `--state` is an empty folder for the database; the caller removes it."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--state", type=pathlib.Path, required=True)
    for name, help_text in options.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default="", help=help_text)
    return parser.parse_args()


def database(state):
    """One SQLite file, with settings for several writers at once: in one test, ten tabs sign in together."""
    return {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": state / "db.sqlite3",
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
        }
    }


def serve(application, threads=16):
    """Listens on a free port of 127.0.0.1, prints the address on standard output, and serves until it is stopped.

    Logs one line a request on standard error, without the query string, which may hold a ticket.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    log = logging.getLogger("site")

    def with_log(environ, start_response):
        def start(status, headers, exc_info=None):
            log.info("%s %s -> %s", environ["REQUEST_METHOD"], environ["PATH_INFO"], status)
            return start_response(status, headers, exc_info)

        return application(environ, start)

    server = waitress.create_server(with_log, listen="127.0.0.1:0", threads=threads, clear_untrusted_proxy_headers=False)
    print(f"ready http://127.0.0.1:{server.effective_port}", flush=True)
    server.run()
