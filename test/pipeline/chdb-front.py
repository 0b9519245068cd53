"""ClickHouse's HTTP interface over chdb, ClickHouse as a library: as much of it as the processor uses.

Prints {"event":"ready","url":…}; SIGTERM ends it.
"""
import json
import re
import tempfile
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

from chdb import session

DATABASE = session.Session()
# Settings of a request that are no settings of the database.
OWN = {"query", "database"}


def quote(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def run(parameters, body):
    query = parameters.pop("query")
    database = parameters.pop("database", "default")
    DATABASE.query(f"USE {database}" if database != "default" else "SELECT 1")
    settings = ", ".join(f"{name} = {quote(value)}" for name, value in parameters.items() if not name.startswith("param_"))
    for name, value in parameters.items():
        if name.startswith("param_"):
            DATABASE.query(f"SET {name} = {quote(value)}")
    if "input('" in query:
        return run_input(query, body)
    if body:
        target, _, form = query.partition(" FORMAT ")
        query = f"{target} SETTINGS {settings} FORMAT {form}\n{body}" if settings else f"{query}\n{body}"
    return DATABASE.query(query, "TabSeparated").bytes()


def run_input(query, body):
    """The library has no input(), and says nothing: it inserts no row. A file stands in for what a client sends."""
    query, _, form = query.partition(" FORMAT ")
    with tempfile.NamedTemporaryFile("w", newline="") as sent:
        sent.write(body)
        sent.flush()
        query = re.sub(r"input\('", f"file('{sent.name}', '{form}', '", query)
        return DATABASE.query(query, "TabSeparated").bytes()


class Front(BaseHTTPRequestHandler):
    def do_POST(self):
        parameters = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        if "query" not in parameters:
            parameters["query"], body = body, ""
        try:
            status, answer = 200, run(parameters, body)
        except Exception as error:
            status, answer = 500, str(error).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


SERVER = HTTPServer(("127.0.0.1", 0), Front)
print(json.dumps({"event": "ready", "url": f"http://127.0.0.1:{SERVER.server_port}"}), flush=True)
SERVER.serve_forever()
