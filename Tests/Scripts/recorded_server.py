#!/usr/bin/env python3
"""Plays vLLM without a model: recorded_server.py PORT RECORDED [END NUMBER]

Answers are those of the file RECORDED (Tests/Fixtures/inference) with other tokens, which are random numbers of the
prompt and the seed; the log-probability of a token is a function of it. Request NUMBER for tokens ends the server:

die      at once
restart  at once, as if its engine was killed, and something starts it again
stop     as SIGTERM ends vLLM: requests in flight get no answer and others no connection; then it is started again

Only the standard library is needed."""
import http.server
import json
import os
import random
import sys
import threading
import time

port, end = int(sys.argv[1]), sys.argv[3] if len(sys.argv) > 3 else ""
limit = int(sys.argv[4]) if end else 0
recorded = {}
for line in open(sys.argv[2]):
    case = json.loads(line)
    recorded[case["case"]] = case["response"]
lock, number = threading.Lock(), 0


def probability(token):
    return -0.5 - token % 7


def completion(body):
    prompt, stops = body["prompt"], body.get("stop_token_ids", [])
    dice = random.Random(str([body["seed"], prompt]))
    tokens = [token for token in (dice.randrange(7, 60) for _ in range(body["max_tokens"])) if token not in stops]
    if stops and body["max_tokens"] > 9:
        tokens = tokens[:9] + stops[:1]
    tokens += [7] * (0 if stops else body["max_tokens"] - len(tokens))
    answer = json.loads(json.dumps(recorded["scores" if "prompt_logprobs" in body else "length"]))
    choice = answer["choices"][0]
    answer["model"] = body["model"]
    choice.update(token_ids=tokens, prompt_token_ids=prompt, finish_reason="stop" if stops else "length")
    if choice["logprobs"]:
        choice["logprobs"]["token_logprobs"] = [probability(token) for token in tokens]
    if choice["prompt_logprobs"]:
        choice["prompt_logprobs"] = [None] + [{str(token): {"logprob": probability(token)}} for token in prompt[1:]]
    answer["usage"].update(prompt_tokens=len(prompt), completion_tokens=len(tokens))
    return answer


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end(self):
        if end == "die":
            os._exit(1)
        if end == "restart":
            start_again()
        threading.Thread(target=server.shutdown, daemon=True).start()
        time.sleep(60)

    def do_GET(self):
        self.reply(recorded["version" if self.path == "/version" else "models"])

    def do_POST(self):
        global number
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with lock:
            number += 1
            is_last = end and number >= limit
        if is_last:
            self.end()
        self.reply(completion(body))


def start_again():
    os.execv(sys.executable, [sys.executable] + sys.argv[:3])


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Server)
server.serve_forever()
# It was stopped.
server.socket.close()
time.sleep(4)
start_again()
