#!/usr/bin/env python3
"""Judges answers with the package math-verify (pip install math-verify), which does algebra with sympy.

    vireo answers verify --verifier external --command "python3 tools/math_verify_adapter.py" --input FILE

Reads lines {"id":1,"response":"...","gold":"...","question":null} and writes a line
{"id":1,"correct":true,"extracted":"...","reason":null} for each, at once. A reference answer may be a formula, a
solution with \\boxed, or one that ends with `#### 18`. How long an answer may take is Vireo's `timeout`.
"""

import json
import sys

from math_verify import parse, verify


def parsed(text):
    """What math-verify finds in a text: expressions and their spelling; nothing if there is no answer."""
    found = parse(text, parsing_timeout=None)
    # LaTeX is looked for in its environments only.
    return found or parse(f"${text}$", parsing_timeout=None)


def reference(gold):
    """A reference answer without what leads to it."""
    gold = gold.rsplit("####", 1)[-1].strip()
    return parsed(gold if "\\boxed" in gold or "$" in gold else f"${gold}$")


def judged(request):
    """Whether the response has the reference answer, what was extracted, and why it is wrong."""
    if request["gold"] is None:
        return False, None, "not judged: there is no reference answer"
    wanted = reference(request["gold"])
    if not wanted:
        return False, None, "not judged: the reference answer cannot be read"
    given = parsed(request["response"])
    if not given:
        return False, None, "no answer"
    extracted = str(given[-1])
    if verify(wanted, given, timeout_seconds=None):
        return True, extracted, None
    return False, extracted, f"'{extracted[:60]}', not '{str(wanted[-1])[:60]}'"


for line in sys.stdin:
    request = json.loads(line)
    correct, extracted, reason = judged(request)
    answer = {"id": request["id"], "correct": correct, "extracted": extracted, "reason": reason}
    print(json.dumps(answer), flush=True)
