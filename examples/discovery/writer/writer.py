"""Waits on Consul and writes nginx's configuration from the services whose checks pass."""
import json
import os
import signal
import time
import urllib.request

CONSUL = os.environ["CONSUL"]
FILE = "/routes/default.conf"


def get(path, index):
    # A blocking query: answered when something has changed, or after half a minute.
    with urllib.request.urlopen(f"{CONSUL}{path}{'&' if '?' in path else '?'}index={index}&wait=30s", timeout=60) as answer:
        return json.load(answer), int(answer.headers["X-Consul-Index"])


def passing():
    names, _ = get("/v1/catalog/services", 0)
    found = {}
    for name in sorted(set(names) - {"consul"}):
        entries, _ = get(f"/v1/health/service/{name}?passing", 0)
        found[name] = sorted(f"{entry['Service']['Address']}:{entry['Service']['Port']}" for entry in entries)
    return {name: servers for name, servers in found.items() if servers}


def configuration(found):
    upstreams = "".join(
        f"upstream {name} {{\n" + "".join(f"  server {server} max_fails=0;\n" for server in servers) + "}\n"
        for name, servers in found.items())
    hosts = "".join(
        f"server {{\n  listen 80;\n  server_name {name}.localhost;\n  location / {{ proxy_pass http://{name}; proxy_next_upstream error timeout; }}\n}}\n" for name in found)
    paths = "".join(f"  location /{name}/ {{ proxy_pass http://{name}/; proxy_next_upstream error timeout; }}\n" for name in found)
    return f"{upstreams}{hosts}server {{\n  listen 80 default_server;\n{paths}  location / {{ return 404 \"no such service\\n\"; }}\n}}\n"


def main():
    index, written = 0, None
    while True:
        try:
            _, index = get("/v1/health/state/any", index)
            text = configuration(passing())
        except OSError as error:
            print(f"consul does not answer: {error}")
            time.sleep(1)
            continue
        if text == written:
            continue
        with open(FILE + ".new", "w") as file:
            file.write(text)
        os.rename(FILE + ".new", FILE)
        os.kill(1, signal.SIGHUP)
        written = text
        print("routes rewritten")


main()
