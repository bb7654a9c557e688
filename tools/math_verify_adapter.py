#!/usr/bin/env python3
"""Judges answers with the package math-verify (pip install math-verify), which does algebra with sympy.

    vireo answers verify --verifier external --command "python3 tools/math_verify_adapter.py" --input FILE

Reads lines {"id":1,"response":"...","gold":"...","question":null} and writes a line
{"id":1,"correct":true,"extracted":"...","reason":null} for each, at once. A reference answer may be a formula, a
solution with \\boxed, or one that ends with `#### 18`. How long an answer may take is Vireo's `timeout`.
"""

import json
import re
import sys


# What LaTeX is looked for in.
ENVIRONMENTS = ("$", "\\(", "\\[", "\\boxed", "\\begin{equation", "\\begin{align")


COMMANDS = re.compile(
    r"\\(text|mathrm|textbf|textit|textrm|mbox|operatorname|begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+"
)
FUNCTIONS = set("sin cos tan cot sec csc log ln exp sqrt pi or and".split())
# Two letters are a product, such as xy, unless they are one of these.
SHORT_WORDS = set("is it so we of to in as be he by at if on no an us my cm mm km kg mg ml ft hr mi oz lb".split())


def is_prose(text):
    """Whether a text has words, other than LaTeX's commands, their texts and names of functions."""
    words = {word.lower() for word in re.findall(r"[^\W\d_]{2,}", COMMANDS.sub(" ", text))}
    return any(len(word) > 2 or word in SHORT_WORDS for word in words - FUNCTIONS)


def in_environment(text):
    """Bare formulas between dollar signs, for otherwise a number would be cut out of them; other texts as they are."""
    text = text.strip()
    if not text or any(name in text for name in ENVIRONMENTS):
        return text
    if not is_prose(text):
        return f"${text}$"
    # In prose, what stands around a command.
    tokens = re.split(r"(\s+)", text)
    runs = [[tokens[0], is_prose(tokens[0])]]
    for blank, token in zip(tokens[1::2], tokens[2::2]):
        if is_prose(token) == runs[-1][1]:
            runs[-1][0] += blank + token
        else:
            runs.append([blank + token, is_prose(token)])
    return "".join(run if prose or not COMMANDS.search(run) else wrapped(run) for run, prose in runs)


def wrapped(run):
    formula = run.strip().rstrip(".,;:!?")
    return run.replace(formula, f"${formula}$", 1)


def parsed(text):
    """What math-verify finds in a text: expressions and their spelling; nothing if there is no answer."""
    return parse(in_environment(text), parsing_timeout=None)


def reference(gold):
    """A reference answer without what leads to it."""
    gold = gold.rsplit("####", 1)[-1].strip()
    return parsed(gold) or parse(f"${gold}$", parsing_timeout=None)


def is_numeral(text):
    """Whether a text is a number with its base, such as 101_2."""
    return re.fullmatch(r"[0-9A-Za-z]+_\{?[0-9]+\}?", text.strip()) is not None and text.strip()[0].isdigit()


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
    # To math-verify, 101_2 is 101.
    if is_numeral(extracted) != is_numeral(str(wanted[-1])):
        return False, extracted, f"not judged: one of '{extracted[:60]}' and '{str(wanted[-1])[:60]}' names a base"
    if verify(wanted, given, timeout_seconds=None):
        return True, extracted, None
    return False, extracted, f"'{extracted[:60]}', not '{str(wanted[-1])[:60]}'"


def main():
    for line in sys.stdin:
        request = json.loads(line)
        correct, extracted, reason = judged(request)
        answer = {"id": request["id"], "correct": correct, "extracted": extracted, "reason": reason}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    from math_verify import parse, verify

    main()
