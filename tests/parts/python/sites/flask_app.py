"""A Flask app under /flask/, behind the same gate as the Django app. It has no sign-in of its own."""

from flask import Blueprint, Flask, jsonify, render_template_string, request

from serving import arguments, serve

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Flask</title></head><body>
<h1>Flask</h1><dl><dt>User</dt><dd id="user">{{ user }}</dd><dt>E-mail</dt><dd id="email">{{ email }}</dd></dl>
</body></html>"""
site = Blueprint("site", __name__, url_prefix="/flask")


@site.get("/")
def home():
    return render_template_string(PAGE, user=request.headers.get("Remote-User", ""), email=request.headers.get("Remote-Email", ""))


@site.route("/seen", methods=["GET", "POST"])
def seen():
    return jsonify(user=request.headers.get("Remote-User", ""), method=request.method, headers=dict(request.headers), cookies=sorted(request.cookies))


def main():
    arguments(__doc__)
    app = Flask(__name__)
    app.register_blueprint(site)
    serve(app)


if __name__ == "__main__":
    main()
