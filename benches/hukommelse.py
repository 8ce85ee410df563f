#!/usr/bin/env python3
"""What a server holds of memory after a peak of large answers, beside what it held before it.

    cargo build --release --bin dtr --example load
    benches/hukommelse.py FOLDER [--seconds 10] [--callers 12] [--idle 80] [--dtr PATH]

FOLDER is made by `dtr init` and filled by `load` when it is not there: 10,000 records, and `benches/ydelse.toml`. The server
answers a few of each kind first, four at a time, and rests; then so many callers ask at a time for documents of differing `?pr=`, CSVs, gzip
forms and GetAllDagtilbud; then it rests again, past the minute for which prepared documents are kept. A line for each
moment: VmRSS, RssAnon, VmHWM in MB.
"""
import argparse, collections, http.client, json, os, pathlib, ssl, subprocess, threading, time, urllib.parse

given = argparse.ArgumentParser()
given.add_argument("folder", type=pathlib.Path)
given.add_argument("--seconds", type=int, default=10)
given.add_argument("--callers", type=int, default=12)
given.add_argument("--idle", type=int, default=80)
given.add_argument("--dtr", default="target/release/dtr")
given.add_argument("--load", default="target/release/examples/load")
given = given.parse_args()
if not (given.folder / "register.db").exists():
    subprocess.run([given.load, "--folder", given.folder, "--workload", "E", "--seconds", "1"], check=True,
                   stdout=subprocess.DEVNULL)

server = subprocess.Popen([given.dtr, "serve", "--json", "--config", given.folder / "dtr.toml"], stdout=subprocess.PIPE)
told, text = None, ""
while told is None:
    text += server.stdout.readline().decode()
    try:
        told = json.loads(text)
    except ValueError:
        pass


def look(moment):
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    figures = dict(line.split(":", 1) for line in status.splitlines())
    mb = lambda name: int(figures[name].split()[0]) / 1024
    told = " ".join(f"{name} {mb(name):6.1f}" for name in ("VmRSS", "RssAnon", "VmHWM"))
    print(f"{moment:<24} {told} threads {figures['Threads'].strip()}", flush=True)


pki = given.folder / "pki"
tls = ssl.create_default_context(cafile=pki / "ca.pem")
tls.load_cert_chain(pki / "kommune.pem", pki / "kommune.key")
tls.check_hostname = False
service, public = (urllib.parse.urlsplit(told[name]).netloc for name in ("service_url", "public_url"))
port = lambda at: int(at.rsplit(":", 1)[1])
ALL = ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetAllDagtilbud '
       'xmlns="urn:dagtilbudsregister:eksport:v2"/></s:Body></s:Envelope>').encode()


def ask(number):
    """Asks for the answer of this number; gives its status and length."""
    pr, kind = 9_000 + number, number % 6
    if kind == 5:
        caller = http.client.HTTPSConnection("localhost", port(service), context=tls, timeout=60)
        caller.request("POST", "/v2/EksportService", ALL, {"Content-Type": "text/xml; charset=utf-8"})
    else:
        path, gzip = [(f"/eksport/v2/dagtilbud.xml?pr={pr}", ""), (f"/eksport/samlet.csv?pr={pr}", ""),
                      (f"/eksport/v2/dagtilbud.xml?pr={pr}", "gzip"), ("/eksport/v2/anvisningsenheder.xml", "gzip"),
                      (f"/eksport/v2/anvisningsenheder.xml?pr={pr}", "")][kind]
        caller = http.client.HTTPConnection("127.0.0.1", port(public), timeout=60)
        caller.request("GET", path, headers={"Accept-Encoding": gzip} if gzip else {})
    answer = caller.getresponse()
    length = len(answer.read())
    caller.close()
    return answer.status, length


try:
    look("started")
    for first in range(0, 24, 4):
        few = [threading.Thread(target=ask, args=(number,)) for number in range(first, first + 4)]
        [each.start() for each in few]
        [each.join() for each in few]
    look("a few answers")
    time.sleep(given.idle)
    look("at rest")
    end, seen, lock = time.monotonic() + given.seconds, collections.Counter(), threading.Lock()
    numbers = iter(range(100, 1_000))

    def caller():
        while time.monotonic() < end:
            with lock:
                number = next(numbers)
            try:
                answered, length = ask(number)
            except OSError as error:
                answered, length = type(error).__name__, 0
            with lock:
                seen[answered] += 1
                seen["MB"] += length / 1e6

    callers = [threading.Thread(target=caller) for _ in range(given.callers)]
    [each.start() for each in callers]
    [each.join() for each in callers]
    print(dict(seen))
    look("after the peak")
    for seconds in range(20, given.idle + 1, 20):
        time.sleep(20)
        look(f"{seconds} s later")
finally:
    server.terminate()
    server.wait()
