"""Answers one thing, and tells Consul where. GET /hold?mb=N takes that much memory, to see what a limit does."""
import json
import os
import signal
import socket
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

NAME, CONSUL, ANSWER = os.environ["NAME"], os.environ["CONSUL"], os.environ["ANSWER"]
HOST = socket.gethostname()
ADDRESS = socket.gethostbyname(HOST)


def put(path, value=None):
    body = json.dumps(value).encode() if value is not None else b""
    urllib.request.urlopen(urllib.request.Request(f"{CONSUL}{path}", data=body, method="PUT"), timeout=5).read()


def register():
    check = {"HTTP": f"http://{ADDRESS}:8000/healthz", "Interval": "1s", "DeregisterCriticalServiceAfter": "1m"}
    put("/v1/agent/service/register", {"ID": f"{NAME}-{HOST}", "Name": NAME, "Address": ADDRESS, "Port": 8000, "Check": check})


def leave(*_):
    put(f"/v1/agent/service/deregister/{NAME}-{HOST}")
    os._exit(0)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlparse(self.path)
        if url.path == "/hold":
            held = bytearray(int(parse_qs(url.query)["mb"][0]) << 20)
            held[:: 4096] = b"x" * len(held[:: 4096])
            time.sleep(1)
        body = f"{ANSWER} (from {HOST})\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("", 8000), Handler)
signal.signal(signal.SIGTERM, leave)
register()
print(f"{NAME} listens on {ADDRESS}:8000")
server.serve_forever()
