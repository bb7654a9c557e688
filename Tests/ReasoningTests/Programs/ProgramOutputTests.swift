import Reasoning
import Testing

@Suite("Outputs of programs", .timeLimit(.minutes(10)))
struct ProgramOutputTests {
    private func problem(
        _ given: String, _ expected: String, isResult: Bool = false, tolerance: Double = 0
    ) -> String? {
        ProgramOutput(Array(given.utf8)).problem(
            in: .init(input: "", output: expected), isResult: isResult, tolerance: tolerance)
    }

    @Test(
        "Blanks around lines and between numbers do not matter, and numbers are compared by value",
        arguments: [
            ("3\n", "3"), ("  1 2\t3  \n\n", "1 2 3\n"), ("\n\na\nb", "a\nb"), ("", ""), ("", "\n"),
            ("a\r\nb\r\n", "a\nb"), ("1.0 2.50", "1 2.5"), ("1e3", "1000"), ("+5", "5"),
            ("-0", "0"), (".5", "0.50"), ("5.", "5"), ("0.0", "0"), ("1E-2", "0.01"),
            ("100000000000000000000000000000001.0", "100000000000000000000000000000001"),
            ("a\n\nb", "a\n\nb"), ("YES", "YES"), (" a \n b", "a\nb"), ("a  b", "a  b"),
        ])
    func equal(_ given: String, _ expected: String) {
        #expect(problem(given, expected) == nil)
    }

    @Test(
        "The first line that differs is shown",
        arguments: [
            ("4", "3", "'4', not '3'"), ("1\n5\n9", "1\n2\n3", "'5', not '2'"),
            ("", "3", "'', not '3'"), ("1", "1\n2", "the output ends before '2'"),
            ("1\n2", "1", "the output goes on with '2'"), ("1 2", "12", "'1 2', not '12'"),
            ("a\nb", "a\n\nb", "'b', not ''"), ("Yes", "YES", "'Yes', not 'YES'"),
            ("#  #", "# #", "'#  #', not '# #'"),
            // Words and numbers in one line are compared as text.
            ("x 1.0", "x 1", "'x 1.0', not 'x 1'"),
            ("0.30000000000000004", "0.3", "'0.30000000000000004', not '0.3'"),
            (
                "100000000000000000000000000000001", "100000000000000000000000000000002",
                "'100000000000000000000000000000001', not '100000000000000000000000000000002'"
            ),
            ("1e", "1", "'1e', not '1'"), ("nan", "1", "'nan', not '1'"),
            ("1e99999999999", "1", "'1e99999999999', not '1'"), ("0x10", "16", "'0x10', not '16'"),
            ("1_0", "10", "'1_0', not '10'"), ("1.2.3", "1.2", "'1.2.3', not '1.2'"),
        ])
    func different(_ given: String, _ expected: String, _ reason: String) {
        #expect(problem(given, expected) == reason)
    }

    @Test(
        "With a tolerance, numbers may differ if the expected one is not an integer",
        arguments: [
            ("0.30000000000000004", "0.3", true), ("1000000.5", "1000000.0", true),
            ("1e-9", "0.0", true), ("0.0001", "0.0", false), ("3", "3.000001", true),
            ("50000000000000000", "50000000000000001", false), ("1.0000001", "1", false),
            ("1 2.0000001", "1 2.0", true), ("1.1 2.0", "1 2.0", false), ("nan", "1.0", false),
            ("1e999", "1.0", false), ("x 1.0", "x 1.00", false), ("1e0", "1.0 1.0", false),
        ])
    func tolerance(_ given: String, _ expected: String, _ isEqual: Bool) {
        #expect((problem(given, expected, tolerance: 1e-6) == nil) == isEqual)
    }

    @Test(
        "With a tolerance, numbers in results may differ too",
        arguments: [
            ("[1, 0.30000000000000004]", "[1, 0.3]", true),
            (#"{"a": 3}"#, #"{"a":3.0000001}"#, true),
            ("[1.0000001]", "[1]", false), ("0.31", "0.3", false), (#""0.3""#, "0.3", false),
            ("[0.3]", "[0.3, 0.3]", false), (#"{"a": 0.3}"#, #"{"b":0.3}"#, false),
        ])
    func toleranceOfResults(_ given: String, _ expected: String, _ isEqual: Bool) {
        #expect(
            (problem(given, expected, isResult: true, tolerance: 1e-6) == nil) == isEqual)
    }

    @Test("Long outputs are compared in a moment, and a result with too many values is wrong")
    func long() {
        let lines = String(repeating: "\n", count: 1 << 20)
        #expect(problem("a" + lines + "b", "a") == "the output goes on with ''")
        #expect(problem(String(repeating: "1 ", count: 1 << 20), "1")?.hasPrefix("'1 1 1") == true)
        let list = "[" + String(repeating: "0, ", count: 1 << 20) + "0]"
        #expect(problem(list, "[0,0]", isResult: true)?.hasSuffix(", not '[0,0]'") == true)
    }

    @Test("Output that is not UTF-8 is compared byte by byte")
    func bytes() {
        let output = ProgramOutput([0xFF, 0xFE])
        #expect(output.problem(in: .init(input: "", output: "a"), isResult: false) != nil)
        #expect(output.problem(in: .init(input: "", output: "1"), isResult: true) != nil)
    }

    @Test(
        "Results are compared as Python compares them",
        arguments: [
            ("[1, 2]", "[1,2]"), ("3", "3.0"), ("1e2", "100"), ("true", "1"), ("0", "false"),
            (#"{"b": 1, "a": [null]}"#, #"{"a":[null],"b":1}"#), (#""\u00e9""#, #""é""#),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("0.1", "0.10"), ("1e22", "10000000000000000000000"), ("null", "null"),
            // Any of several correct results.
            ("5", "[5]\n5"), ("[5]", "[5]\n5"),
        ])
    func equalResults(_ given: String, _ expected: String) {
        #expect(problem(given, expected, isResult: true) == nil)
    }

    @Test(
        "Results that differ are shown",
        arguments: [
            ("[2, 1]", "[1, 2]", "'[2, 1]', not '[1, 2]'"), ("", "1", "no result"),
            ("NaN", "1", "the result 'NaN' is not a JSON value"),
            ("1 2", "1", "the result '1 2' is not a JSON value"),
            (#""1""#, "1", #"'"1"', not '1'"#), ("null", "0", "'null', not '0'"),
            ("0.30000000000000004", "0.3", "'0.30000000000000004', not '0.3'"),
            (
                "9007199254740993", "9007199254740992",
                "'9007199254740993', not '9007199254740992'"
            ),
            ("6", "[5]\n5", "'6', not '5'"),
        ])
    func differentResults(_ given: String, _ expected: String, _ reason: String) {
        #expect(problem(given, expected, isResult: true) == reason)
    }

    @Test("Random outputs never crash the comparison, and are equal to themselves")
    func fuzz() throws {
        let pieces = [
            "1", "0", ".", "-", "e", "9", "[", "]", "{", "}", "\"", "a", ":", ",", " ", "\n", "\\",
            "null", "true", "\u{e9}",
        ]
        var random = RandomSource(seed: 3, "outputs")
        for _ in 0..<20_000 {
            let texts = (0..<2).map { _ in
                (0..<random.integer(below: 8)).map { _ in random.element(of: pieces) }.joined()
            }
            #expect(problem(texts[0], texts[0]) == nil)
            let there = problem(texts[0], texts[1]) == nil
            #expect(there == (problem(texts[1], texts[0]) == nil))
            _ = problem(texts[0], texts[1], isResult: true)
        }
    }
}
