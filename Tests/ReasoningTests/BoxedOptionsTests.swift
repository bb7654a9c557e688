import Reasoning
import Testing

@Suite("Where graders differ on boxes", .timeLimit(.minutes(10)))
struct BoxedOptionsTests {
    private func verdict(
        _ content: String, _ gold: String, _ options: BoxedOptions = BoxedOptions()
    ) throws -> Verdict {
        try Verifier.boxed.verdict(
            on: .init(response: "So \\boxed{\(content)}.", gold: gold, question: nil),
            options: options)
    }

    @Test(
        "A tolerance is a share of the reference answer's number, also within lists and brackets",
        arguments: [
            ("3.1416", "\\pi", 1e-4, true), ("3.15", "\\pi", 1e-4, false),
            ("0.3333", "\\frac13", 1e-3, true), ("101", "100", 0.01, true),
            ("102", "100", 0.01, false), ("-100", "100", 0.01, false),
            ("(0.6,2.667]", "(\\frac35,\\frac83]", 1e-3, true),
            ("(0.6,2.667)", "(\\frac35,\\frac83]", 1e-3, false),
            ("2,0.333", "\\frac13,2", 0.01, true), ("2,0.4", "\\frac13,2", 0.01, false),
            (
                "\\begin{pmatrix}0.33\\\\2\\end{pmatrix}",
                "\\begin{pmatrix}\\frac13\\\\2\\end{pmatrix}", 0.02, true
            ),
            (
                "\\begin{pmatrix}0.33&2\\end{pmatrix}",
                "\\begin{pmatrix}\\frac13\\\\2\\end{pmatrix}", 0.02, false
            ),
        ])
    func tolerance(
        _ content: String, _ gold: String, _ tolerance: Double, _ isCorrect: Bool
    ) throws {
        #expect(try !verdict(content, gold).isCorrect)
        let verdict = try verdict(content, gold, BoxedOptions(tolerance: tolerance))
        #expect(verdict.isCorrect == isCorrect, "\(verdict)")
    }

    @Test("Without a tolerance, decimals near a number that has no end as one are not judged")
    func rounding() throws {
        #expect(
            try verdict("0.333", "\\frac13").reason
                == "not judged: whether '0.333' equals '1/3' depends on how far numbers may be rounded"
        )
        #expect(try verdict("0.34", "\\frac13").reason == "'0.34', not '1/3'")
    }

    @Test(
        "Bare lists may have to keep the reference answer's order, sets never",
        arguments: [
            ("4,10", "10,4", false), ("10,4", "10,4", true), ("\\{4,10\\}", "\\{10,4\\}", true),
        ])
    func order(_ content: String, _ gold: String, _ isCorrect: Bool) throws {
        #expect(try verdict(content, gold).isCorrect)
        #expect(
            try verdict(content, gold, BoxedOptions(isOrdered: true)).isCorrect == isCorrect)
    }

    @Test(
        "A percentage may have to be the same percentage",
        arguments: [("0.5", "50\\%", false), ("50\\%", "0.5", false), ("50", "50\\%", true)])
    func fractions(_ content: String, _ gold: String, _ isCorrect: Bool) throws {
        #expect(try verdict(content, gold).isCorrect)
        #expect(
            try verdict(content, gold, BoxedOptions(hasFractions: false)).isCorrect == isCorrect)
    }

    @Test(
        "An inequality may have to be solved for an interval",
        arguments: [
            ("1<x<2", "(1,2)", false), ("(1,2)", "1<x<2", true), ("x\\in(1,2)", "(1,2)", true),
            ("2>x>1", "1<x<2", true),
        ])
    func relations(_ content: String, _ gold: String, _ isCorrect: Bool) throws {
        #expect(try verdict(content, gold).isCorrect)
        #expect(
            try verdict(content, gold, BoxedOptions(hasRelations: false)).isCorrect == isCorrect)
    }
}
