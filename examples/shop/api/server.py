"""The orders api: POST /orders, GET /orders, GET /orders/ID, GET /stats, GET /healthz."""

import json
import re
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import store

RELEASE = "2026.11.3"
LONGEST_BODY = 64 * 1024


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(self.route_get)

    def do_POST(self):
        self.answer(self.route_post)

    def route_get(self):
        if self.path == "/healthz":
            return 200, {"ok": True}
        if self.path == "/stats":
            paid = store.cache().get("orders:paid")
            return 200, {"paid": int(paid or 0), "release": RELEASE}
        if self.path == "/orders":
            return 200, rows("SELECT id, item, quantity, status, paid_by FROM orders ORDER BY id DESC LIMIT 20")
        found = re.fullmatch(r"/orders/(\d+)", self.path)
        if found:
            orders = rows("SELECT id, item, quantity, status, paid_by FROM orders WHERE id = %s", (found[1],))
            return (200, orders[0]) if orders else (404, {"error": "no such order"})
        return 404, {"error": "not found"}

    def route_post(self):
        if self.path != "/orders":
            return 404, {"error": "not found"}
        try:
            order = self.body()
            item, quantity = str(order["item"])[:200], int(order.get("quantity", 1))
        except (KeyError, TypeError, ValueError):
            return 400, {"error": 'expected {"item": "…", "quantity": 1}'}
        created = rows(
            "INSERT INTO orders (item, quantity) VALUES (%s, %s) RETURNING id, item, quantity, status",
            (item, quantity),
        )[0]
        store.publish(created["id"])
        return 201, created

    def body(self):
        length = int(self.headers.get("Content-Length", "0"))
        if length > LONGEST_BODY:
            raise ValueError("too long")
        return json.loads(self.rfile.read(length))

    def answer(self, route):
        begun = time.monotonic()
        try:
            status, value = route()
        except Exception as error:  # the shop answers, the log tells
            print(f"ERROR {type(error).__name__}: {error}", file=sys.stderr)
            status, value = 503, {"error": "the shop is not ready"}
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if self.path != "/healthz":
            took = (time.monotonic() - begun) * 1000
            order = f"  order={value['id']}" if isinstance(value, dict) and "id" in value else ""
            print(f"{self.command} {self.path} {status} {took:.0f} ms{order}")

    def log_message(self, *_):
        """Said above, in the shop's own words."""


def rows(sql, values=()):
    connection = store.database()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [dict(row) for row in cursor.fetchall()]
    finally:
        connection.close()


def main():
    server = ThreadingHTTPServer(("0.0.0.0", 8000), Handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"listening on :8000, release {RELEASE}")
    server.serve_forever()


if __name__ == "__main__":
    main()
