#!/usr/bin/env python3
"""Plays vireo-http where it is not built: sends the requests on standard input, and writes a line for each answer.

Only the standard library is needed."""
import http.client
import json
import os
import sys
import threading
import urllib.parse

lock = threading.Lock()


def say(**answer):
    with lock:
        print(json.dumps(answer), flush=True)


def send(request):
    place = urllib.parse.urlsplit(request["url"])
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=request["seconds"])
    try:
        connection.connect()
    except OSError as error:
        return {"error": "connect", "detail": str(error)}
    try:
        connection.request(request["method"], place.path, request.get("body", "").encode(), request["headers"])
        answer = connection.getresponse()
        return {"status": answer.status, "body": answer.read().decode()}
    except TimeoutError as error:
        return {"error": "timeout", "detail": str(error)}
    except UnicodeDecodeError:
        return {"error": "notText"}
    except (http.client.HTTPException, OSError) as error:
        return {"error": "reset", "detail": str(error)}
    finally:
        connection.close()


for line in sys.stdin:
    request = json.loads(line)
    threading.Thread(target=lambda one: say(id=one["id"], **send(one)), args=(request,), daemon=True).start()
# Open requests end with the program.
os._exit(0)
