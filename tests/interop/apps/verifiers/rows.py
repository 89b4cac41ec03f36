"""Runs every row of a file of vectors through the WSGI verifier; one line of JSON for each row."""

import json
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parents[4]
sys.path.insert(0, str(root / "worker" / "verifiers"))

from portcullis_assertion import Keys, PortcullisAssertion  # noqa: E402: it is found by the line above

data = json.loads(pathlib.Path(sys.argv[1]).read_text())


def run(row):
    now, served, fetched, seen = [0], [None], [0], []

    def fetch(url):
        assert url == data["issuer"] + "/.portcullis/jwks.json", url
        fetched[0] += 1
        if served[0] is None:
            raise OSError("no answer")
        return data["sets"][served[0]]

    def app(environ, start_response):
        kept = sorted(name[5:].lower().replace("_", "-") for name in environ if name.startswith("HTTP_REMOTE_"))
        seen.append({"user": environ.get("REMOTE_USER"), "kept": kept})
        start_response("200 OK", [])
        return [b""]

    clock = lambda: now[0]  # noqa: E731
    url = data["issuer"] + "/.portcullis/jwks.json"
    guard = PortcullisAssertion(app, data["issuer"], data["audience"], required=row.get("required", True), keys=Keys(url, fetch, clock), clock=clock)
    for step in row.get("steps", [row]):
        now[0] = data["now"] + step.get("after", 0)
        served[0] = step.get("keys", "current")
        environ = {"REMOTE_USER": "of the server"}
        for name, value in step["headers"]:
            key = "HTTP_" + name.upper().replace("-", "_")
            environ[key] = f"{environ[key]},{value}" if key in environ else value
        statuses, before = [], len(seen)
        body = b"".join(guard(environ, lambda status, _: statuses.append(status)))
        if statuses != ["200 OK"]:
            assert statuses == ["403 Forbidden"] and len(seen) == before, statuses
            seen.append({"refuse": body.decode().strip()})
    return {"seen": seen, "fetches": fetched[0]}


for row in data["rows"]:
    print(json.dumps(run(row), ensure_ascii=False))
