"""Exits 0 when the api answers: the service's healthcheck."""

import sys
import urllib.request

with urllib.request.urlopen("http://127.0.0.1:8000/healthz", timeout=3) as response:
    sys.exit(0 if response.status == 200 else 1)
