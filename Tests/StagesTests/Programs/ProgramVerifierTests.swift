import Foundation
import JSON
import Processes
import Reasoning
import Stages
import Testing

@Suite("Judging programs", .timeLimit(.minutes(10)), .inSandbox)
struct ProgramVerifierTests {
    private func verdict(
        _ program: String, _ tests: ProgramTests, seconds: Int = 20, mebibytes: Int = 512,
        runsAllTests: Bool = false
    ) throws -> Verdict {
        let verifier = try ProgramSample.verifier(
            seconds: seconds, mebibytes: mebibytes, runsAllTests: runsAllTests)
        return try #require(
            try verifier.verdicts(on: [ProgramSample.request(program, tests)]).first)
    }

    private func sums() throws -> ProgramTests {
        try ProgramSample.tests(("1 2\n", "3\n"), ("3 4", "7.0"), ("5 5", "10"))
    }

    @Test("A program that passes all tests is correct, and is what was judged")
    func correct() throws {
        let program = "print(sum(map(int, input().split())))"
        #expect(
            try verdict(program, sums())
                == Verdict(isCorrect: true, reason: nil, extracted: program))
    }

    @Test("Input is read in any way, and names of the standard library need no import")
    func reading() throws {
        let tests = try ProgramSample.tests(("2\n1 2\nend", "2 [1, 2] end 4 [2] 3"))
        let program = """
            n = int(input())
            numbers = list(map(int, sys.stdin.readline().split()))
            print(n, numbers, sys.stdin.read(), pow(2, 2), heapq.nlargest(1, numbers), gcd(3, 6))
            if __name__ != "__main__":
                print("imported")
            """
        let verdict = try verdict(program, tests)
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test(
        "The reason says which test failed, and how",
        arguments: [
            ("print(3)", "wrong answer on test 2: '3', not '7.0'"),
            (
                "a, b = map(int, input().split())\nprint(a + b if a < 5 else 0)",
                "wrong answer on test 3: '0', not '10'"
            ),
            ("import sys\nsys.exit(0)", "wrong answer on test 1: '', not '3'"),
            ("print(1 / 0)", "runtime error on test 1: ZeroDivisionError: division by zero"),
            ("print(", "runtime error on test 1: SyntaxError: '(' was never closed"),
            (
                "import sys\nprint(3)\nsys.exit(7)",
                "runtime error on test 1: the program exited with status 7"
            ),
            ("import sys\nsys.exit('sorry')", "runtime error on test 1: sorry"),
            (
                "import ctypes\nctypes.string_at(0)",
                "runtime error on test 1: the program was killed by signal 11"
            ),
            (
                "numbers = []\nwhile True: numbers.append(bytearray(10 ** 6))",
                "memory limit on test 1: over 512 MiB"
            ),
            ("while True: print('a' * 10000)", "output limit on test 1: over 16 MiB"),
        ])
    func failures(_ program: String, _ reason: String) throws {
        let verdict = try verdict(program, sums())
        #expect(verdict.reason == reason)
        #expect(!verdict.isCorrect && verdict.isJudged && verdict.extracted == program)
    }

    @Test(
        "A program that runs or waits for too long is ended",
        arguments: [
            "while True: pass", "import time\ntime.sleep(1000)",
            "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
            "import sys, time\nprint(3)\nsys.stdout.close()\ntime.sleep(1000)",
        ])
    func timeLimit(_ program: String) throws {
        let reason = try verdict(program, sums(), seconds: 1).reason
        #expect(reason == "time limit on test 1: over 1 s")
    }

    @Test(
        "A function or method is called with the arguments, and what it prints does not matter",
        arguments: [
            "def total(numbers, more): print('noise'); return (sum(numbers) + more, {1: 2})",
            """
            class Solution:
                def total(self, numbers: List[int], more: int) -> List[int]:
                    return [sum(numbers) + more, {"1": 2.0}]
            """,
        ])
    func functions(_ program: String) throws {
        let tests = try ProgramSample.tests(
            ("[1,2]\n3", #"[6,{"1":2}]"#), ("[]\n0", #"[0,{"1":2}]"#), function: "total")
        let verdict = try verdict(program, tests)
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test(
        "A function that is missing, fails or has no result is wrong",
        arguments: [
            (
                "x = 1",
                "runtime error on test 1: AttributeError: module 'program' has no attribute 'total'"
            ),
            (
                "def total(x): return x[5]",
                "runtime error on test 1: IndexError: list index out of range"
            ),
            ("def total(x): return sum(x)", "wrong answer on test 1: '3', not '4'"),
            (
                "def total(x): return {1, 2}",
                "runtime error on test 1: TypeError: Object of type set is not JSON serializable"
            ),
            ("def total(x): raise SystemExit", "wrong answer on test 1: no result"),
        ])
    func brokenFunctions(_ program: String, _ reason: String) throws {
        let tests = try ProgramSample.tests(("[1,2]", "4"), function: "total")
        #expect(try verdict(program, tests).reason == reason)
    }

    @Test("With a tolerance, numbers need not be exact")
    func tolerance() throws {
        let tests = try ProgramSample.tests(("", "0.3 1"))
        let verifier = try ProgramVerifier(
            limits: .init(seconds: 20, mebibytes: 512), searchPath: ProgramSample.searchPath,
            tolerance: 1e-6, threads: 1)
        let verdicts = try verifier.verdicts(
            on: ["print(0.1 + 0.2, 1)", "print(0.3, 1.0000001)"].map {
                ProgramSample.request($0, tests)
            })
        #expect(
            verdicts.map(\.reason) == [
                nil, "wrong answer on test 1: '0.3 1.0000001', not '0.3 1'",
            ])
    }

    @Test("With all tests, the reason says how many passed")
    func share() throws {
        #expect(
            try verdict("print(3)", sums(), runsAllTests: true).reason
                == "1 of 3 tests passed; wrong answer on test 2: '3', not '7.0'")
    }

    @Test("The first test that fails is named, whatever fails first, with any number of threads")
    func order() throws {
        // The later a test, the sooner it fails.
        let program = """
            n = int(input())
            import time
            time.sleep(0.05 * (12 - n))
            print(n if n < 3 else 0)
            """
        let tests = try ProgramTests(
            function: nil, tests: (0..<12).map { .init(input: "\($0)", output: "\($0)") })
        let right = "print(input())"
        for threads in [1, 4, 8] {
            let verifier = try ProgramSample.verifier(threads: threads)
            let verdicts = try verifier.verdicts(
                on: [program, right, program].map { ProgramSample.request($0, tests) })
            #expect(
                verdicts.map(\.reason) == [
                    "wrong answer on test 4: '0', not '3'", nil,
                    "wrong answer on test 4: '0', not '3'",
                ])
        }
    }

    @Test("Sets and random numbers are the same in every run")
    func deterministic() throws {
        let program = "import random\nprint(list({'a', 'b', 'c', 'd', 'e', 'f'}), random.random())"
        let tests = try ProgramSample.tests(("", "x"))
        #expect(try verdict(program, tests) == verdict(program, tests))
    }

    @Test("Large inputs and outputs are passed on")
    func volume() throws {
        let text = String(repeating: "1234567 ", count: 500_000)
        let tests = try ProgramSample.tests((text, text))
        let verdict = try verdict("print(input())", tests)
        #expect(verdict.isCorrect, "\(verdict.reason ?? "")")
    }

    @Test("The Python that judges is named")
    func interpreter() throws {
        #expect(
            try ProgramSample.verifier().interpreter.wholeMatch(of: /CPython 3\.\d+\.\S+/) != nil)
    }

    @Test("A limit that Python itself does not keep is an error and no verdict")
    func tightLimit() throws {
        #expect(throws: VerificationError.self) { try ProgramSample.verifier(mebibytes: 8) }
    }
}

/// What does not need a sandbox.
@Suite("Judging programs without a sandbox", .timeLimit(.minutes(10)))
struct MissingSandboxTests {
    @Test("Without bubblewrap there is an error that says how to install it")
    func missing() {
        #expect {
            try ProgramVerifier(
                limits: .init(seconds: 1, mebibytes: 512), searchPath: "/nonexistent", threads: 1)
        } throws: { error in
            "\(error)"
                == "programs run in a sandbox of bubblewrap, but 'bwrap' is not in PATH: install it, for example with `apt install bubblewrap util-linux`"
                && (error as? VerificationError)?.isLasting == true
        }
    }

    @Test("A sandbox that cannot be made is an error that says why")
    func impossible() throws {
        // It pretends to be bubblewrap, and setpriv.
        let bench = try Bench()
        for name in ["bwrap", "setpriv"] {
            try bench.write(
                [
                    "#!/bin/sh", "echo 'bwrap: No permissions to create new namespace' >&2",
                    "exit 1",
                ],
                to: "bin/\(name)")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: bench.directory + "/bin/\(name)")
        }
        #expect {
            try ProgramVerifier(
                limits: .init(seconds: 1, mebibytes: 512), searchPath: bench.directory + "/bin",
                threads: 1)
        } throws: { error in
            "\(error)"
                == "bubblewrap cannot make the sandbox in which programs run (bwrap: No permissions to create new namespace): use bubblewrap 0.8 or newer, and a system or container that permits user namespaces to unprivileged users"
                && (error as? VerificationError)?.isLasting == false
        }
    }
}
