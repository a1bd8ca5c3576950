"""A sentence for the front page, another one each time."""
import itertools
import json
import os
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SENTENCES = itertools.cycle(["Read the error message.", "Measure, then change.", "Name it after what it is."])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"quote": next(SENTENCES)}).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
ThreadingHTTPServer(("", 8000), Handler).serve_forever()
