#!/usr/bin/env python3
"""Attacks vireo-web: web_attacks.py [PROGRAM]

Starts PROGRAM (.build/vireo-web), plays the application behind it, and sends hostile requests over raw sockets. A line
for each says what came back and what is expected. Exits with 1 if anything else came back, or if the server then does
not answer, is large or is busy while nothing happens. It takes about 70 seconds, because some limits are 60 seconds.

Only the standard library is needed."""
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

program = sys.argv[1] if len(sys.argv) > 1 else ".build/vireo-web"
token = "sesame-0123456789"
surprises = []
count = 0
lock = threading.Lock()


def report(name, found, expected, ok):
    global count
    with lock:
        count += 1
        if not ok:
            surprises.append(name)
        print(f"{'ok  ' if ok else 'BAD '} {name}: {found}" + ("" if ok else f", expected {expected}"), flush=True)


class Server:
    """The program, and an application that answers by path."""

    def __init__(self, **settings):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock = threading.Lock()
        self.requests, self.gone = [], {}
        self.say(**settings)
        self.first = json.loads(self.process.stdout.readline())
        self.port = self.first.get("listening")
        threading.Thread(target=self.listen, daemon=True).start()

    def say(self, **line):
        try:
            with self.lock:
                self.process.stdin.write(json.dumps(line).encode() + b"\n")
                self.process.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass

    def listen(self):
        for line in self.process.stdout:
            line = json.loads(line)
            if line.get("gone"):
                self.gone[line["id"]] = time.monotonic()
            else:
                self.requests.append(line)
                threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, request):
        number, path = request["id"], request["path"]
        if path == "/never":
            return
        if path in ("/stream", "/flood"):
            self.say(id=number, status=200, open=True, type="text/event-stream")
            chunk = "data: 1\n\n" if path == "/stream" else "data: " + "x" * 65536 + "\n\n"
            while number not in self.gone and self.process.poll() is None:
                self.say(id=number, chunk=chunk)
                time.sleep(0.05 if path == "/stream" else 0.001)
        elif path == "/short":
            self.say(id=number, status=200, open=True, type="text/event-stream", body="data: 1\n\n")
            self.say(id=number, chunk="data: 2\n\n")
            self.say(id=number, end=True)
        elif path == "/large":
            self.say(id=number, status=200, body="x" * (32 << 20))
        elif path == "/redirect":
            self.say(id=number, status=303, headers={"Location": "/", "Cache-Control": "public"}, body="")
        else:
            self.say(id=number, status=200, type="application/json", body=json.dumps(request))


server = Server(port=0, token=token)
if not server.port:
    sys.exit(f"vireo-web does not listen: {server.first}")
port = server.port
host = f"127.0.0.1:{port}"


def connect(address="127.0.0.1", timeout=5):
    return socket.create_connection((address, port), timeout=timeout)


def receive(connection, answers=1, heads=False):
    """(status, headers, body) of each answer, and whether the connection was closed."""
    data, found, closed = b"", [], False
    connection.settimeout(5)
    while not closed:
        while True:
            head, mark, rest = data.partition(b"\r\n\r\n")
            if not mark:
                break
            lines = head.decode("latin-1").split("\r\n")
            fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
            size = 0 if heads else int(fields.get("content-length", 0))
            if len(rest) < size:
                break
            found.append((int(lines[0].split()[1]), fields, rest[:size]))
            data = rest[size:]
        if len(found) >= answers:
            # Anything more would be the answer to a smuggled request.
            connection.settimeout(0.05)
        try:
            more = connection.recv(1 << 16)
        except (TimeoutError, ConnectionResetError) as error:
            closed = isinstance(error, ConnectionResetError)
            break
        closed = not more
        data += more
    return found, closed


def message(method="GET", target="/", headers=(), body=b"", own=True):
    """The bytes of a request; headers of the same name replace those of an admitted one, None removes them."""
    fields = {"Host": host}
    if own:
        fields["Cookie"] = cookie
    if body:
        fields["Content-Length"] = len(body)
    extra = []
    for name, value in headers:
        if name in fields:
            fields[name] = value
        else:
            extra.append((name, value))
    lines = [f"{name}: {value}" for name, value in list(fields.items()) + extra if value is not None]
    head = "\r\n".join([f"{method} {target} HTTP/1.1"] + lines) + "\r\n\r\n"
    return head.encode("latin-1") + body


def attack(name, expected, data, answers=1, heads=False, check=None):
    """`expected` has the statuses of the answers, such as "400", or "closed" for a connection closed without any; of
    several, split by "|", one must come."""
    try:
        with connect() as connection:
            try:
                connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                pass
            found, closed = receive(connection, answers, heads)
    except OSError as error:
        return report(name, repr(error), expected, False)
    text = " ".join(str(status) for status, _, _ in found) or ("closed" if closed else "silence")
    ok = text in expected.split("|")
    # The parser answers 400 without a body, and knows no headers.
    for status, fields, body in found:
        if status != 400 or body:
            ok = ok and "default-src 'none'" in fields.get("content-security-policy", "")
            ok = ok and fields.get("x-content-type-options") == "nosniff"
            ok = ok and not any(field.startswith("access-control") for field in fields)
    if ok and check:
        ok = check(found)
        text += "" if ok else f" {found}"[:500]
    report(name, text[:200], expected, ok)


def get(target="/", headers=()):
    with connect() as connection:
        connection.sendall(message(target=target, headers=headers))
        return receive(connection)[0][0]


# The token is exchanged for a cookie.
cookie = ""
attack("no token and no cookie", "401", message(own=False), check=lambda found: b"vireo serve printed" in found[0][2])
with connect() as connection:
    connection.sendall(message(target=f"/run/7?a=b&token={token}", own=False))
    status, fields, _ = receive(connection)[0][0]
cookie = fields.get("set-cookie", "").split(";")[0]
report(
    "the right token", status, "303 with a cookie", status == 303 and fields["location"] == "/run/7?a=b"
    and fields["set-cookie"].split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Lax"]
    and cookie.startswith(f"vireo-{port}=") and token not in cookie)
attack("an admitted request", "200", message(target="/run/7?a=b"))


# Slow clients, beside all others.
def slow(name, begin, drip, pause, limit, expected="closed"):
    """Sends `begin`, then `drip` after every pause, and expects that the server ends the connection in time."""
    def run():
        start = time.monotonic()
        data, found = b"", f"open after {limit} s"
        with connect() as connection:
            connection.sendall(begin)
            connection.settimeout(pause)
            while time.monotonic() - start < limit:
                try:
                    if drip:
                        connection.sendall(drip)
                    more = connection.recv(4096)
                    data += more
                    if not more:
                        break
                except TimeoutError:
                    continue
                except (BrokenPipeError, ConnectionResetError):
                    break
            else:
                return report(name, found, expected, False)
        found = data.split(b"\r\n")[0].decode() or "closed"
        report(f"{name}", f"{found} after {time.monotonic() - start:.0f} s", expected, expected in found)
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def unread(name, target, limit):
    """Asks for an answer and reads nothing, and expects that the application hears of it or the connection ends."""
    def run():
        start = time.monotonic()
        with connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(message(target=target))
            while time.monotonic() - start < limit:
                time.sleep(0.2)
                local = connection.getsockname()[1]
                # State 01 is an established connection of the server.
                if not any(re.search(rf":{port:04X} \S+:{local:04X} 01", line) for line in open("/proc/net/tcp")):
                    return report(name, f"closed after {time.monotonic() - start:.0f} s", "closed", True)
        report(name, f"open after {limit} s", "closed", False)
    thread = threading.Thread(target=run)
    thread.start()
    return thread


form = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", f"http://{host}")]
partial = message("POST", "/", form + [("Content-Length", 1000)])
threads = [
    slow("a connection without a request", b"", b"", 1, 25),
    slow("a head that comes byte by byte", b"GET / HTTP/1.1\r\nX: ", b"a", 1, 25),
    slow("a head that comes line by line", b"GET / HTTP/1.1\r\n", b"X-A: b\r\n", 1, 25),
    slow("a body that comes byte by byte", partial, b"a", 1, 20),
    slow("a connection between requests", message(), b"", 1, 25, "200"),
    slow("an answer that never comes", message(target="/never"), b"", 1, 70, "504"),
    unread("a stream that is not read", "/flood", 10),
    unread("a large answer that is not read", "/large", 60),
]

# Malformed requests.
good = f"Host: {host}\r\nCookie: {cookie}\r\n".encode()
length, chunked = b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n"
smuggled = b"GET /smuggled HTTP/1.1\r\n" + good + b"\r\n"
post = b"POST / HTTP/1.1\r\n" + good + "".join(f"{name}: {value}\r\n" for name, value in form).encode()
attack("both a length and chunks", "400", post + length + chunked + b"\r\n0\r\n\r\n" + smuggled)
attack("two lengths", "400", post + length + b"Content-Length: 5\r\n\r\nabcde" + smuggled)
attack("bare line feeds", "400", b"GET / HTTP/1.1\n" + good.replace(b"\r\n", b"\n") + b"\n")
attack("a NUL in a header", "400", b"GET / HTTP/1.1\r\n" + good + b"X: a\0b\r\n\r\n")
attack("a folded header", "400", b"GET / HTTP/1.1\r\n" + good + b"X: a\r\n b\r\n\r\n")
attack("an unknown method", "400", b"G@T / HTTP/1.1\r\n" + good + b"\r\n")
attack("an unknown version", "400", b"GET / HTTP/9.9\r\n" + good + b"\r\n")
attack("a space before the colon", "400", b"GET / HTTP/1.1\r\n" + good + b"X : a\r\n\r\n")
attack("a negative length", "400", post + b"Content-Length: -1\r\n\r\n" + smuggled)
attack("a length that overflows", "400", post + b"Content-Length: 18446744073709551620\r\n\r\nabcd" + smuggled)
attack("a chunk size that overflows", "400|closed", post + chunked + b"\r\nFFFFFFFFFFFFFFFFF\r\n" + smuggled)
attack("chunks of an unknown coding", "400|413|501", post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")
attack("no request at all", "400", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64)
attack("HTTP/2 without an upgrade", "400", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0" * 9)
attack("HTTP/0.9", "400|closed", b"GET /\r\n\r\n")

# Names of the server.
for name, value, expected in [
    ("of another site", f"evil.example:{port}", "421"), ("missing", None, "421"),
    ("in upper case", host.upper(), "200"),
    ("localhost", f"LocalHost:{port}", "200"), ("with a trailing dot", f"localhost.:{port}", "421"),
    ("without a port", "127.0.0.1", "421"), ("with another port", "127.0.0.1:1", "421"), ("empty", "", "421"),
    ("with a user", f"a@{host}", "421"), ("of all addresses", f"0.0.0.0:{port}", "421"),
]:
    attack(f"a host {name}", expected, message(headers=[("Host", value)]))
attack("two hosts", "400", message(headers=[("host", "evil.example")]))

# Other sites.
for name, headers, expected in [
    ("an origin of another site", [("Origin", "http://evil.example")], "403"),
    ("a null origin", [("Origin", "null")], "403"),
    ("an origin of another port", [("Origin", "http://127.0.0.1:1")], "403"),
    ("an origin with TLS", [("Origin", f"https://{host}")], "403"),
    ("its own origin", [("Origin", f"http://{host}")], "200"),
    ("two origins", [("Origin", f"http://{host}"), ("Origin", "http://evil.example")], "403"),
    ("a script of another site", [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")], "403"),
    ("a script of another port", [("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "cors")], "403"),
    ("a frame of another site", [
        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")], "403"),
    ("an unknown site", [("Sec-Fetch-Site", "x")], "403"),
]:
    attack(name, expected, message(headers=headers))
link = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
attack(
    "a link of another site, marked", "200", message(target="/sql?q=1", headers=link),
    check=lambda found: json.loads(found[0][2])["navigation"] is True)
attack("an address typed, not marked", "200", message(headers=[("Sec-Fetch-Site", "none")]),
       check=lambda found: json.loads(found[0][2])["navigation"] is False)

# Tokens and cookies.
for name, query in [
    ("wrong", "token=wrong"), ("empty", "token="), ("in upper case", f"token={token.upper()}"),
    ("given twice", f"token={token}&token={token}"), ("of 8,000 bytes", "token=" + "a" * 8000),
    ("with a suffix", f"token={token}a"), ("that is the cookie", f"token={cookie}"),
]:
    attack(f"a token {name}", "401", message(target="/?" + query, own=False))
attack("a token by HEAD", "401", message("HEAD", f"/?token={token}", own=False), heads=True)
attack("a token that leads to another host", "400", message(target=f"//evil.example/?token={token}", own=False))
attack("a token with an injected header", "400", message(target=f"/a%0d%0aX:%20y?token={token}", own=False))
for name, value in [
    ("that is the token", f"vireo-{port}={token}"), ("that is empty", f"vireo-{port}="),
    ("that is forged", f"vireo-{port}=" + "0" * 64), ("of another port", cookie.replace(str(port), str(port + 1))),
    ("without a name", cookie.split("=")[-1]), ("that is cut", cookie[:-1]),
]:
    attack(f"a cookie {name}", "401", message(headers=[("Cookie", value)]))
attack("a cookie among others", "200", message(headers=[("Cookie", f"a=b; {cookie}; c=d")]))

# Addresses.
for name, target in [
    ("up", "/../../etc/passwd"), ("up, encoded", "/%2e%2e/%2e%2e/etc/passwd"),
    ("up, half encoded", "/.%2e/etc/passwd"),
    ("up, encoded twice", "/%252e%252e/etc/passwd"), ("with a backslash", "/..\\etc"), ("with %5c", "/..%5cetc"),
    ("with %2f", "/assets%2f..%2fx"), ("up from the assets", "/assets/../../etc/passwd"), ("with %00", "/a%00.js"),
    ("with a NUL in the query", "/?a=%00"), ("with an escape of a terminal", "/?a=%1b[2J"),
    ("with a broken escape", "/%zz"),
    ("in no UTF-8", "/%ff"), ("in overlong UTF-8", "/%c0%ae%c0%ae/"), ("with a surrogate", "/%ed%a0%80"),
    ("with injected headers", "/%0d%0aSet-Cookie:%20a=b"), ("with bytes above ASCII", "/\xe9"),
    ("*", "*"), ("without a slash", "a"),
]:
    attack(f"an address {name}", "400", message(target=target))
attack("an address with a line break", "400", message(target="/a\r\nX: y"))
attack("an address of 9,000 bytes", "414", message(target="/" + "a" * 9000))
attack("an address of 1 MB", "400|414|closed", message(target="/" + "a" * 1_000_000))
attack("an absolute address, read as a path", "200", message(target="http://evil.example/run/7"),
       check=lambda found: json.loads(found[0][2])["path"] == "/run/7")

# Sizes.
attack("10,000 headers", "400|closed", message(headers=[(f"X-{number}", "a") for number in range(10_000)]))
attack("a header of 1 MB", "400|closed", message(headers=[("X", "a" * 1_000_000)]))
attack("a body that is too long", "413|closed", message("POST", "/", form, b"a" * 65_537))
attack("a body of 64 KiB", "200", message("POST", "/", form, b"a" * 65_536))
endless = b"".join(b"1000\r\n" + b"a" * 4096 + b"\r\n" for _ in range(32))
attack("chunks that are too long", "413|closed",
       message("POST", "/", form + [("Transfer-Encoding", "chunked")]) + endless)
attack("a form in chunks", "200",
       message("POST", "/", form + [("Transfer-Encoding", "chunked")]) + b"3\r\na=1\r\n0\r\n\r\n",
       check=lambda found: json.loads(found[0][2])["body"] == "a=1")

# Forms and methods.
for name, type in [
    ("JSON", "application/json"), ("text", "text/plain"), ("files", "multipart/form-data; boundary=a"), ("nothing", ""),
]:
    attack(f"a body of {name}", "415", message("POST", "/", [("Content-Type", type), form[1]], b"a=b"))
attack("a form without an origin", "403", message("POST", "/", form[:1], b"a=b"))
attack("a form of another site", "403", message("POST", "/", form[:1] + [("Origin", "http://evil.example")], b"a=b"))
attack("a form in no UTF-8", "400", message("POST", "/", form, b"a=\xff"))
attack("a form without the cookie", "401", message("POST", "/", form, b"a=b", own=False))
for method in ["TRACE", "CONNECT", "OPTIONS", "PUT", "DELETE", "PROPFIND"]:
    attack(method, "405", message(method, host if method == "CONNECT" else "/"))
attack("GET with a body", "400", message("GET", "/", body=b"a=b"))
attack("HEAD, then GET", "200 200", message("HEAD", "/redirected") + message("GET", "/short/"), answers=2, heads=True)
attack("an upgrade to HTTP/2", "400", message(headers=[
    ("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQAAP__")]))
attack("an upgrade to a WebSocket", "400", message(headers=[
    ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
    ("Sec-WebSocket-Version", "13")]))
paths = [f"/{number}" for number in range(100)]
attack("100 requests at once", " ".join(["200"] * 100), b"".join(message(target=path) for path in paths), answers=100,
       check=lambda found: [json.loads(body)["path"] for _, _, body in found] == paths)
attack("headers of the application", "303", message(target="/redirect"),
       check=lambda found: found[0][1]["location"] == "/" and found[0][1]["cache-control"] == "no-store")

# Assets.
for name, target in server.first["assets"].items():
    attack(f"the asset {name}", "200", message(target=target), check=lambda found: len(found[0][2]) > 500
           and found[0][1]["cache-control"] == "max-age=31536000, immutable")
attack("an asset of another version", "200", message(target="/assets/app.js?v=1"),
       check=lambda found: found[0][1]["cache-control"] == "no-store")
attack("an asset that does not exist", "404", message(target="/assets/evil.js"))
attack("an asset without the cookie", "401", message(target=server.first["assets"]["app.js"], own=False))

# Streams.
with connect() as connection:
    start = time.monotonic()
    connection.sendall(message(target="/stream", headers=[("Last-Event-ID", "12"), ("Accept", "text/event-stream")]))
    connection.recv(4096)
    first = time.monotonic() - start
    number = server.requests[-1]["id"]
    report("the first byte of a stream", f"{first * 1000:.1f} ms", "below 100 ms", first < 0.1)
    last = server.requests[-1]["lastEvent"]
    report("the last event of a stream that is resumed", last, "12", last == "12")
left = time.monotonic()


def is_gone(number, seconds):
    end = time.monotonic() + seconds
    while number not in server.gone and time.monotonic() < end:
        time.sleep(0.005)
    return number in server.gone


gone = is_gone(number, 5)
report("a client that leaves", f"gone after {(time.monotonic() - left) * 1000:.0f} ms", "gone", gone)
with connect() as connection:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.sendall(message(target="/stream"))
    connection.recv(4096)
    number = server.requests[-1]["id"]
report("a client that resets its stream", "gone", "gone", is_gone(number, 5))
with connect() as connection:
    connection.sendall(message(target="/never"))
    time.sleep(0.3)
    number = server.requests[-1]["id"]
report("a client that leaves before the answer", "gone", "gone", is_gone(number, 5))
with connect() as connection:
    connection.sendall(message(target="/stream"))
    connection.recv(4096)
    number = server.requests[-1]["id"]
    connection.shutdown(socket.SHUT_WR)
    report("a client that closes one half", "gone", "gone", is_gone(number, 5))
with connect() as connection:
    connection.sendall(message(target="/short", headers=[("Connection", "close")]))
    data = b""
    while more := connection.recv(4096):
        data += more
    ok = b"data: 1" in data and data.endswith(b"data: 2\n\n\r\n0\r\n\r\n")
    report("a stream that ends", f"{len(data)} bytes", "both events", ok)

# Many connections.
idle = [connect() for _ in range(200)]
start = time.monotonic()
status = get()[0]
report("200 connections without a request", f"{status} to another in {(time.monotonic() - start) * 1000:.0f} ms", "200",
       status == 200 and time.monotonic() - start < 2)
for connection in idle:
    connection.close()

try:
    with connect("::1") as connection:
        connection.sendall(message(headers=[("Host", f"[::1]:{port}")]))
        status = receive(connection)[0][0][0]
        report("the loopback address of IPv6", status, 200, status == 200)
except OSError:
    print("     no IPv6 here")

for thread in threads:
    thread.join()


# What is left.
def usage():
    fields = open(f"/proc/{server.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


start = time.monotonic()
status = get()[0]
report("a request after all", f"{status} in {(time.monotonic() - start) * 1000:.1f} ms", 200, status == 200)
start = usage()
time.sleep(5)
busy = (usage() - start) / 5
report("the processor while nothing happens", f"{busy:.1%}", "below 1 %", busy < 0.01)
status = open(f"/proc/{server.process.pid}/status").read()
memory, most = (int(re.search(name + r":\s+(\d+)", status)[1]) // 1024 for name in ("VmRSS", "VmHWM"))
report("memory", f"{memory} MB, at most {most} MB", "at most 200 MB", most <= 200)
files = len(os.listdir(f"/proc/{server.process.pid}/fd"))
report("open files", files, "below 30", files < 30)
smuggled = [request for request in server.requests if "smuggled" in request["path"]]
report("smuggled requests", len(smuggled), 0, not smuggled)

other = Server(port=port)
ok = f"Port {port} is in use" in other.first.get("error", "") and other.process.wait() == 1
report("a port in use", other.first, "an error", ok)
for name, line in [("no settings", b""), ("other settings", b"[]\n"), ("a line of no protocol", b'{"port":0}\nx\n')]:
    status = subprocess.run([program], input=line, capture_output=True).returncode
    report(name, f"status {status}", 64, status == 64)
licenses = subprocess.run([program, "--licenses"], capture_output=True, text=True).stdout
report("licences", f"{len(licenses)} characters", "all", all(name in licenses for name in (
    "chart.js", "CodeMirror", "dagre", "Hummingbird", "SwiftNIO", "Fedor Indutny", "Apache License")))
server.process.stdin.close()
status = server.process.wait(timeout=5)
report("the end of the input", f"status {status}", 0, status == 0)
print(f"{count} checks, {len(surprises)} surprises" + "".join(f"\n  {name}" for name in surprises))
sys.exit(1 if surprises else 0)
