#!/usr/bin/env python3
"""Runs warmwire and the clients of others in turns against one nginx, and prints CPU time per request and ratios.

The server has one core, the client another; the programs alternate for several rounds, so that whatever else happens on
the machine meets all of them. CPU is the user and system time of the client's process, from its start to its end.
"""
import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log error;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem; ssl_protocols TLSv1.3;
    location / {{ default_type application/json; return 200 "{answer}"; }}
  }}
}}
"""


def start_server(folder, core):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:TRUE",
         "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open(f"{folder}/nginx.conf", "w") as file:
        file.write(NGINX.format(folder=folder, port=port, answer="a" * 600))
    server = subprocess.Popen(["taskset", "-c", str(core), "nginx", "-p", folder, "-c", f"{folder}/nginx.conf"],
                              stderr=subprocess.DEVNULL)
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, f"https://localhost:{port}/v1/chat/completions"
        time.sleep(0.01)
    raise SystemExit("compare: nginx did not start")


def measure(command, core, requests_in):
    """One run of a client: microseconds of CPU per request, and requests in a second."""
    began = time.monotonic()
    process = subprocess.Popen(["taskset", "-c", str(core)] + command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True)
    output = process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"compare: {command[0]} failed: {errors or output}")
    requests = requests_in(output)
    return (usage.ru_utime + usage.ru_stime) * 1e6 / requests, requests / (time.monotonic() - began)


def clients(protocol, url, folder, build, callers, seconds):
    """The programs that can speak the protocol: name, command, and how to read the number of requests."""
    own_words = [url, f"{folder}/cert.pem", str(callers), str(seconds), protocol]
    whole = lambda output: int(output)
    load_of = lambda output: int(re.search(r"(\d+) succeeded", output)[1])
    found = [("warmwire", [f"{build}/calls_warmwire"] + own_words, whole),
             ("libcurl", [f"{build}/calls_libcurl"] + own_words, whole),
             ("go", [f"{build}/calls_go"] + own_words, whole)]
    lua = os.path.join(os.path.dirname(os.path.abspath(__file__)), "post.lua")
    h2load = ["h2load", "-D", str(seconds), "-t", "1", "-d", f"{folder}/body", "-H", "content-type: application/json"]
    if protocol == "http1":
        found.append(("wrk", ["wrk", "-t1", f"-c{callers}", f"-d{seconds}s", "-s", lua, url],
                      lambda output: int(re.search(r"(\d+) requests in", output)[1])))
        found.append(("h2load", h2load + ["--h1", "-c", str(callers), url], load_of))
    else:
        found.append(("h2load", h2load + ["-c", "1", "-m", str(callers), url], load_of))
    return [client for client in found if shutil.which(client[1][0])]


def compare(protocol, url, folder, options):
    contestants = clients(protocol, url, folder, options.build, options.callers, options.seconds)
    cpu = {name: [] for name, _, _ in contestants}
    rate = {name: [] for name, _, _ in contestants}
    for turn in range(options.rounds):
        for name, command, requests_in in contestants:
            micros, per_second = measure(command, options.client_core, requests_in)
            cpu[name].append(micros)
            rate[name].append(per_second)
            print(f"compare: {protocol} round {turn + 1} {name}: {micros:.2f} us, {per_second:.0f}/s", file=sys.stderr)
    own = cpu["warmwire"]
    return {name: {"cpu_us": round(statistics.median(cpu[name]), 2),
                   "requests_per_second": round(statistics.median(rate[name])),
                   # Of neighbouring runs, so that a slow spell of the machine does not count for one program only.
                   "warmwire_ratio": round(statistics.median(a / b for a, b in zip(own, cpu[name])), 3)}
            for name in cpu}


def main():
    parser = argparse.ArgumentParser(prog="./dev compare", description=__doc__)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each run")
    parser.add_argument("--callers", type=int, default=32)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--client-core", type=int, default=1)
    parser.add_argument("--protocol", choices=["http1", "http2"], action="append", help="default both")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory(prefix="warmwire-compare-") as folder:
        with open(f"{folder}/body", "w") as body:
            body.write("x" * 170)
        server, url = start_server(folder, options.server_core)
        try:
            for protocol in options.protocol or ["http1", "http2"]:
                results[protocol] = compare(protocol, url, folder, options)
        finally:
            server.terminate()
            server.wait()
    if options.json:
        print(json.dumps(results))
        return
    for protocol, table in results.items():
        print(f"{protocol:10} {'CPU us/request':>15} {'requests/s':>11} {'warmwire is':>12}")
        for name, row in table.items():
            print(f"{name:10} {row['cpu_us']:15.2f} {row['requests_per_second']:11} {row['warmwire_ratio']:11.2f}x")


main()
