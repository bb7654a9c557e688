#!/usr/bin/env python3
"""Judges answers with the package math-verify (pip install math-verify), which does algebra with sympy.

    vireo answers verify --verifier external --command math-verify --input FILE

Reads lines {"id":1,"response":"...","gold":"...","question":null} and writes a line
{"id":1,"correct":true,"extracted":"...","reason":null} for each, immediately; "correct" is null if it cannot judge
the answer. A reference answer may be a formula, a solution with \\boxed, or a solution that ends with `#### 18`. The
time limit is Vireo's `timeout`. With `--rounding 3`, decimal numbers are compared after rounding to three places; the
default of math-verify is 6.
"""

import argparse
import json
import re
import sys


# The environments that mark LaTeX.
ENVIRONMENTS = ("$", "\\(", "\\[", "\\boxed", "\\begin{equation", "\\begin{align")


COMMANDS = re.compile(
    r"\\(text|mathrm|textbf|textit|textrm|mbox|operatorname|begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+"
)
FUNCTIONS = set("sin cos tan cot sec csc log ln exp sqrt pi or and".split())
# Capitals name points, such as ABC, unless they are one of these words.
CAPITALS = set("YES NO NOT OR AND NONE ALL TRUE FALSE".split())
# Two letters are a product, such as xy, unless they are one of these words.
SHORT_WORDS = set("is it so we of to in as be he by at if on no an us my cm mm km kg mg ml ft hr mi oz lb".split())
# Two backslashes before a command are a doubly escaped one, unless they end a row of a matrix.
ESCAPED_TWICE = re.compile(r"\\\\(?=[A-Za-z])")
# Thousands with a blank before each group, as in 1 000 000.
SPACED = re.compile(r"(?<![\d.,^_])(?<![\^_]\{)\d{1,3}(?: \d{3})+(?![\d.,/]| ?[\d/])")
# A number with a decimal comma. A comma before three digits is a thousands separator.
DECIMAL_COMMA = re.compile(r"^(\W*)(\d+),(\d{1,2}|\d{4,}|(?<=\b0,)\d+)(\D*)$")


def is_prose(text):
    """Whether a text has words other than LaTeX commands and their texts, and names of functions and points."""
    words = re.findall(r"[^\W\d_]{2,}", COMMANDS.sub(" ", text))
    is_loud = re.search(r"[A-Z]{2,} +[A-Z]{2,}", text)
    words = {word.lower() for word in words if is_loud or not word.isupper() or word in CAPITALS}
    return any(len(word) > 2 or word in SHORT_WORDS for word in words - FUNCTIONS)


def in_environment(text):
    """Puts plain formulas between dollar signs, because otherwise only a number in them would be extracted."""
    text = SPACED.sub(lambda number: number[0].replace(" ", ""), text.strip())
    if "\\begin" not in text:
        text = ESCAPED_TWICE.sub(lambda _: "\\", text)
    if not text or any(name in text for name in ENVIRONMENTS):
        return text
    if not is_prose(text):
        return f"${text}$"
    # In prose, the text around a command.
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
    """The answer that math-verify extracts from a text: expressions and their text; empty if there is none."""
    return parse(in_environment(text), parsing_timeout=None)


def reference(gold):
    """The reference answer without the solution before it."""
    gold = gold.rsplit("####", 1)[-1].strip()
    return parsed(gold) or parse(f"${gold}$", parsing_timeout=None)


def with_point(text):
    """A number with its decimal comma replaced by a point; `None` for other texts."""
    box = re.fullmatch(r"(?s)(.*\\boxed\{)([^{}]*)(\}[^{}]*)", text)
    before, number, behind = box.groups() if box else ("", text.strip(), "")
    match = DECIMAL_COMMA.match(number)
    return before + match[1] + match[2] + "." + match[3] + match[4] + behind if match else None


def is_numeral(text):
    """Whether a text is a number with its base, such as 101_2."""
    return re.fullmatch(r"[0-9A-Za-z]+_\{?[0-9]+\}?", text.strip()) is not None and text.strip()[0].isdigit()


def judged(request, rounding):
    """Whether the response has the reference answer (None if it cannot be judged), the extracted answer, the reason."""
    gold, response = request["gold"], request["response"]
    if gold is None:
        return None, None, "there is no reference answer"
    verdict = compared(gold, response, rounding)
    # A comma is a decimal point if the other number has one.
    for pair in (gold, with_point(response)), (with_point(gold), response):
        if not verdict[0] and None not in pair and "." in pair[0] and "." in pair[1]:
            other = compared(*pair, rounding)
            verdict = other if other[0] else verdict
    return verdict


def compared(gold, response, rounding):
    """The verdict for two texts, without other readings of commas."""
    wanted = reference(gold)
    if not wanted:
        return None, None, "the reference answer cannot be read"
    given = parsed(response)
    if not given:
        return False, None, "no answer"
    extracted = str(given[-1])
    # math-verify reads 101_2 as 101.
    if is_numeral(extracted) != is_numeral(str(wanted[-1])):
        return None, extracted, f"one of '{extracted[:60]}' and '{str(wanted[-1])[:60]}' names a base"
    if verify(wanted, given, float_rounding=rounding, timeout_seconds=None):
        return True, extracted, None
    return False, extracted, f"'{extracted[:60]}', not '{str(wanted[-1])[:60]}'"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounding", type=int, default=6, metavar="PLACES")
    rounding = options.parse_args().rounding
    for line in sys.stdin:
        request = json.loads(line)
        correct, extracted, reason = judged(request, rounding)
        answer = {"id": request["id"], "correct": correct, "extracted": extracted, "reason": reason}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    from math_verify import parse, verify

    main()
