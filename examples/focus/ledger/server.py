"""Writes every transfer down, and says what it charged for that."""
import json
import os
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

RELEASE = os.environ["RELEASE"]
FEE = 1


def run(statement, values=()):
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found


class Handler(BaseHTTPRequestHandler):
    def answer(self, value):
        body = (json.dumps(value) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer("ok")

    def do_POST(self):
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        [[number]] = run("INSERT INTO bookings (giver, taker, amount) VALUES (%s, %s, %s) RETURNING id",
                         (given["from"], given["to"], given["amount"]))
        self.answer({"booking": number, "fee": FEE, "by": {"ledger": RELEASE}})

    def log_message(self, *_):
        pass


run("CREATE TABLE IF NOT EXISTS bookings (id SERIAL PRIMARY KEY, giver TEXT, taker TEXT, amount INT)")
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
print(f"ledger ({RELEASE}) listens on :8000")
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
