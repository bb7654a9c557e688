"""Judges Python programs by tests: the program of `verifier: external` for programming tasks.

Reads lines of JSON with `id`, `response` and `gold`. The program is the last fenced block of the response. `gold` is a
text with a JSON object: `inputs` and `outputs`, lists of equal length. Each input is a text for standard input, and the
program must print the output; or, with `fn_name`, each input is a list of arguments of this function (of the class
`Solution`, if there is one), and the output is the value that it must return.

Programs run on this machine, without a sandbox, in a process of their own with a time limit for each test.
"""

import json
import re
import subprocess
import sys

SECONDS = 11

CALL = """
import json, sys
namespace = {}
exec(compile(sys.argv[1], "program", "exec"), namespace)
owner = namespace.get("Solution")
function = getattr(owner(), sys.argv[2]) if owner else namespace[sys.argv[2]]
print("\\n" + json.dumps(function(*json.load(sys.stdin))))
"""


def program(response):
    """The last fenced block; None if there is none."""
    blocks = re.findall(r"```(?:python|py)?[ \t]*\n(.*?)```", response, re.DOTALL)
    return blocks[-1] if blocks else None


def lines(text):
    return [line.rstrip() for line in text.strip().splitlines()]


def passes(code, name, given, wanted):
    """Whether a test passes, and a reason if not."""
    arguments = ["-c", CALL, code, name] if name else ["-c", code]
    text = json.dumps(given) if name else given
    try:
        run = subprocess.run(
            [sys.executable, *arguments], input=text, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"it takes longer than {SECONDS} seconds"
    except UnicodeDecodeError:
        return "its output is not text"
    if run.returncode != 0:
        return (run.stderr.strip().splitlines() or ["it fails"])[-1]
    if name:
        last = (run.stdout.strip().splitlines() or [""])[-1]
        return None if last == json.dumps(wanted) else "it returns another value"
    return None if lines(run.stdout) == lines(wanted) else "it prints something else"


def verdict(request):
    code = program(request["response"] or "")
    if code is None:
        return {"correct": False, "reason": "no program"}
    try:
        tests = json.loads(request["gold"])
        cases = list(zip(tests["inputs"], tests["outputs"], strict=True))
    except (TypeError, ValueError, KeyError):
        return {"correct": None, "reason": "the reference answer has no tests"}
    for number, (given, wanted) in enumerate(cases):
        reason = passes(code, tests.get("fn_name"), given, wanted)
        if reason is not None:
            return {"correct": False, "reason": f"test {number}: {reason}"}
    return {"correct": True}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **verdict(request)}), flush=True)
