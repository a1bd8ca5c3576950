"""GET /predict?weight=KG&items=N says which box; GET /count says how often anybody asked."""
import json
import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import psycopg2
import redis

import model

cache = redis.Redis.from_url(os.environ["REDIS_URL"])
index = redis.Redis.from_url(os.environ["SEARCH_URL"])


def database():
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    return connection


def prepare():
    with database().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(8)")  # three start at once
        cursor.execute("CREATE TABLE IF NOT EXISTS predictions (id SERIAL PRIMARY KEY, weight REAL, items INT, box TEXT)")


def predict(query):
    weight, items = float(query["weight"][0]), int(query["items"][0])
    key = f"{model.VERSION}:{weight}:{items}"
    known = cache.get(key)
    box = known.decode() if known else model.predict(weight, items)
    if not known:
        cache.setex(key, 3600, box)
        index.sadd(f"box:{box}", key)
    with database().cursor() as cursor:
        cursor.execute("INSERT INTO predictions (weight, items, box) VALUES (%s, %s, %s)", (weight, items, box))
    return {"box": box, "model": model.VERSION, "by": socket.gethostname()}


def count():
    with database().cursor() as cursor:
        cursor.execute("SELECT count(*) FROM predictions")
        return {"predictions": cursor.fetchone()[0]}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlparse(self.path)
        routes = {"/healthz": lambda: "ok", "/count": count, "/predict": lambda: predict(parse_qs(url.query))}
        route = routes.get(url.path)
        body = (json.dumps(route() if route else "no such page") + "\n").encode()
        self.send_response(200 if route else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # requests under way are answered before it ends
    request_queue_size = 64


prepare()
server = Server(("", 8000), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print(f"model {model.VERSION} listens on :8000")
server.serve_forever()
server.server_close()
