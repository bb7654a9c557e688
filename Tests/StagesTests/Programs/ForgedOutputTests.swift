import Reasoning
import Stages
import Testing

/// Programs that want to be judged as correct without solving anything.
@Suite("Forged outputs of programs", .timeLimit(.minutes(10)), .inSandbox)
struct ForgedOutputTests {
    /// Expects that every program is wrong, whatever the test of the question is.
    private func expectWrong(_ programs: [String], _ tests: ProgramTests) throws {
        let verdicts = try ProgramSample.verifier(seconds: 5).verdicts(
            on: programs.map { ProgramSample.request($0, tests) })
        for (program, verdict) in zip(programs, verdicts) {
            #expect(!verdict.isCorrect && verdict.isJudged, "\(program)")
            #expect(verdict.reason?.contains(" on test 1: ") == true, "\(program)")
        }
    }

    /// Statements that search the interpreter for a text, whose parts they join.
    private static let search = """
        import gc, sys
        wanted = "-".join(["expected", "7731"])
        found = [o for o in gc.get_objects() if isinstance(o, (str, bytes, list, tuple, dict))]
        own = {id(wanted), id(globals()), id(found)}
        frame, texts = sys._getframe(), []
        while frame:
            texts += [repr(value) for value in list(frame.f_locals.values()) if id(value) not in own]
            frame = frame.f_back
        texts += [repr(o) for o in found if id(o) not in own and o is not texts]
        print(wanted if any(wanted in text for text in texts) else "nothing")
        """

    @Test("A program that prints anything but the expected output is wrong")
    func output() throws {
        try expectWrong(
            [
                "print('expected-773')", "print('expected-7731', 'more')",
                "print('expected-7731\\nmore')", "print('more\\nexpected-7731')",
                "print('expected-7731\\0')", "print('\\0expected-7731')",
                "print('Expected-7731')", "print('expected-\\u200b7731')",
                "print('\\ufeffexpected-7731')", "print('\\ud800')",
                "import sys\nsys.stdout.buffer.write(b'expected-7731\\xff')", "print('nan')",
                "import os\nos.write(1, b'!')", "print('{\"correct\":true,\"reason\":null}')",
                "print('expected-*')", "print('.*')", "pass",
            ], ProgramSample.tests(("", "expected-7731")))
    }

    @Test("A program that ends in an unusual way is wrong")
    func ending() throws {
        try expectWrong(
            [
                "import os\nos._exit(0)", "import sys\nsys.exit(0)", "raise SystemExit(True)",
                "import os, sys\nprint('expected-7731')\nsys.stdout.flush()\nos._exit(137)",
                "import atexit, os\natexit.register(os._exit, 0)\n1 / 0",
                "import os, sys\nsys.excepthook = lambda *_: os._exit(0)\n1 / 0",
                "import os\nos.closerange(0, 100)",
                "import os\nos.dup2(2, 1)\nprint('expected-7731')",
                "import sys\nsys.stdout = sys.stderr\nprint('expected-7731')",
                "import os\nos.abort()", "import ctypes\nctypes.string_at(0)",
                "import os\nos.execv('/usr/bin/true', ['true'])",

                "def f(): return f()\nf()", "x = []\nfor _ in range(10 ** 6): x = [x]\nrepr(x)",
                "import __main__, sys\nsys.modules.clear()\n1 / 0",
                "\u{0}print('expected-7731')", "print('expected-7731'",
            ], ProgramSample.tests(("", "expected-7731")))
    }

    @Test("The expected output is nowhere in the interpreter")
    func search() throws {
        try expectWrong([Self.search], ProgramSample.tests(("", "expected-7731")))
        // The search finds what is there.
        let found = try ProgramSample.verifier().verdicts(
            on: [
                ProgramSample.request(
                    "there = ['expected-7731']\n" + Self.search,
                    ProgramSample.tests(("", "expected-7731")))
            ])
        #expect(found.map(\.reason) == [nil])
    }

    @Test("A result that only pretends to be equal is wrong")
    func result() throws {
        let lies = "__eq__ = lambda *_: True\n    __repr__ = __str__ = lambda *_: '4'\n"
        try expectWrong(
            [
                "class Same:\n    \(lies)def total(x): return Same()",
                "class Same(int):\n    \(lies)def total(x): return Same(3)",
                "class Same(float):\n    \(lies)def total(x): return Same(3)",
                "class Same(str):\n    \(lies)def total(x): return Same('x')",
                "class Same(list):\n    \(lies)def total(x): return Same([4])",
                "class Same(dict):\n    \(lies)def total(x): return Same()",
                "def total(x): return '4'", "def total(x): return [4]",
                "def total(x): return (4,)", "def total(x): return {4: 4}",
                "def total(x): return float('nan')", "def total(x): return float('inf')",
                "def total(x): return 4.0000000000000001 + 1e-15",
                "def total(x): return 4 + 1j", "def total(x): yield 4", "def total(x): print(4)",
                "async def total(x): return 4", "def total(x): return total",
                "import os\ndef total(x): os.write(3, b'3 '); return 4",
                "import os\ndef total(x): os.write(3, b'3\\n'); return 4",
                "import os\ndef total(x): os.closerange(0, 100); return 4",
                "import os\ndef total(x): os._exit(0)", "def total(x): raise SystemExit(0)",
                "import json\njson.dumps = lambda *_: '[4'\ndef total(x): return 4",
                "total = 4", "class Solution: total = 4",
            ], ProgramSample.tests(("[2]", "4"), function: "total"))
    }
}
