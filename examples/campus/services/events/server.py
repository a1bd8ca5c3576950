"""What happens, and when."""
import json
import os
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pymysql

QUERY = "SELECT id, title, day FROM events ORDER BY day"
INSERT = "INSERT INTO events (title, day) VALUES (%s, %s)"
FIELDS = ["title", "day"]


def rows(statement, values=()):
    connection = pymysql.connect(
        host=os.environ["MYSQL_HOST"], user=os.environ["MYSQL_USER"], password=os.environ["MYSQL_PASSWORD"],
        database=os.environ["MYSQL_DATABASE"], cursorclass=pymysql.cursors.DictCursor, autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


class Handler(BaseHTTPRequestHandler):
    def answer(self, status, value):
        body = (json.dumps(value, default=str) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, "ok" if self.path == "/healthz" else rows(QUERY))

    def do_POST(self):
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rows(INSERT, [given[name] for name in FIELDS])
        self.answer(201, given)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("", 8000), Handler)
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
print("events listens on :8000")
server.serve_forever()
