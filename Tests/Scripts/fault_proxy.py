#!/usr/bin/env python3
"""A proxy that spoils the answers of an inference server: fault_proxy.py PORT SERVER EVERY FAULT,FAULT...

Every EVERYth request for tokens gets the next FAULT; all other requests pass. GET /faults counts what was done.
Only the standard library is needed."""
import http.server
import json
import socket
import struct
import sys
import threading
import time
import urllib.error
import urllib.request

port, server, every, faults = int(sys.argv[1]), sys.argv[2].rstrip("/"), int(sys.argv[3]), sys.argv[4].split(",")
lock, number, done = threading.Lock(), 0, {}

STATUS = {"429": 429, "500": 500, "503": 503, "502html": 502}


def completion(answer):
    """The part of an answer with tokens and log-probabilities."""
    return answer["choices"][0] if "choices" in answer else answer


def spoil(fault, answer):
    part = completion(answer)
    generated = part.get("logprobs") or {}
    lists = [x for x in (generated.get("token_logprobs"), part.get("prompt_logprobs"),
                         part.get("completion_probabilities")) if x]

    def last(value):
        for one in lists:
            entry = one[-1]
            if isinstance(entry, dict) and "logprob" not in entry:
                entry = next(iter(entry.values()))
            if isinstance(entry, dict):
                entry["logprob"] = value
            else:
                one[-1] = value

    if fault == "no_choice":
        answer["choices"] = []
        answer.pop("tokens", None)
    elif fault == "two_choices" and "choices" in answer:
        answer["choices"] *= 2
    elif fault in ("no_ids", "two_choices"):
        for name in ("token_ids", "prompt_token_ids", "tokens"):
            part.pop(name, None)
    elif fault == "no_logprobs":
        for name in ("logprobs", "prompt_logprobs", "completion_probabilities"):
            part[name] = None
    elif fault == "short":
        for one in lists:
            one.pop()
    elif fault == "null":
        last(None)
    elif fault == "infinite":
        last(-9999.0)
    elif fault == "nan":
        last(float("nan"))
    elif fault == "abort" and "choices" in answer:
        part.update(finish_reason="abort", text="", token_ids=[])
    elif fault in ("empty", "abort"):
        part["token_ids" if "choices" in answer else "tokens"] = []
    elif fault == "usage":
        answer.setdefault("usage", {}).update(completion_tokens=99, prompt_tokens=99)
        answer["tokens_predicted"] = 99
    return json.dumps(answer).encode()


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, length=None):
        self.send_response(status)
        self.send_header("Content-Length", str(length or len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def hang_up(self, at_once=False):
        if at_once:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def ask(self, body=None):
        request = urllib.request.Request(server + self.path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def do_GET(self):
        if self.path == "/faults":
            return self.reply(200, json.dumps(done).encode())
        self.reply(*self.ask())

    def do_POST(self):
        global number
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            fault = faults[number // every % len(faults)] if number % every == 0 else "none"
            number += 1
            done[fault] = done.get(fault, 0) + 1
        if fault in STATUS:
            return self.reply(STATUS[fault], b"<html>" if fault == "502html" else b'{"error":"injected"}')
        if fault in ("refuse", "stall"):
            time.sleep(1 if fault == "stall" else 0)
            return self.hang_up()
        status, answer = self.ask(body)
        if status != 200 or fault == "none":
            return self.reply(status, answer)
        if fault == "cut":
            self.reply(status, answer[: len(answer) // 2], len(answer))
            return self.hang_up()
        if fault == "late":
            return self.hang_up(at_once=True)
        if fault == "drip":
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            for start in range(0, len(answer), 512):
                self.wfile.write(answer[start:start + 512])
                self.wfile.flush()
                time.sleep(0.1)
            return None
        if fault == "twice":
            return self.reply(status, answer + answer)
        if fault == "utf8":
            return self.reply(status, b'{"text":"\xff\xfe",' + answer[1:])
        if fault == "repeated":
            return self.reply(status, answer[:-1] + b',"model":"another"}')
        return self.reply(status, spoil(fault, json.loads(answer)))


http.server.ThreadingHTTPServer(("127.0.0.1", port), Proxy).serve_forever()
