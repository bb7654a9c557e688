import Reasoning
import Testing

@Suite("The boxed verifier", .timeLimit(.minutes(10)))
struct BoxedVerifierTests {
    private func verdict(_ content: String, _ gold: String) throws -> Verdict {
        try Verifier.boxed.verdict(
            on: .init(response: "So \\boxed{\(content)}.", gold: gold, question: nil))
    }

    @Test(
        "The same content in any spelling is correct",
        arguments: [
            ("5", "5"), ("5.", "5"), ("5.0", "5"), ("$5$", "5"), ("\\$5", "5"), ("5", "\\boxed{5}"),
            ("5", "Then $x$ is $\\boxed{5}$."), ("{5}", "5"), ("(5)", "5"), ("\\text{5}", "5"),
            ("\\dfrac{1}{2}", "\\frac12"), ("0.5", "\\tfrac{1}{2}"), ("\\frac1{2}", "1/2"),
            ("50\\%", "50"), ("90^\\circ", "90"), ("90^{\\circ}", "90\\degree"), ("90°", "90"),
            ("5\\text{ cm}", "5"), ("5\\,\\mathrm{cm}^2", "5"), ("5 \\mbox{ inches}", "5"),
            ("5 cm", "5"), ("5~km", "5"), ("60 km/h", "60"), ("12 dollars", "12"),
            ("5 cups of tea", "5"),
            ("10{,}000", "10,000"), ("10\\,000", "10000"), ("-3", "\u{2212}3"),
            ("x=5", "5"), ("5", "x = 5"), ("f(x)=2x", "2x"), ("\\theta = 30^\\circ", "30"),
            ("\\left( 3, 4 \\right)", "(3,4)"), ("(3, 0.5)", "(3,\\frac{1}{2})"),
            ("(1,234)", "(1, 234)"),
            ("[0, 1)", "[0,1)"), ("(-\\infty, 3]", "(-\\infty,3]"),
            ("\\{1, 2, 3\\}", "\\{3,2,1\\}"), ("1, 2", "2,1"), ("1 \\text{ and } 2", "1,2"),
            ("2 or 1", "1,2"),
            ("1,234, 5", "5, 1234"), ("\\{1,1,2\\}", "\\{1,2\\}"),
            ("\\text{even}", "even"), ("Even", "\\text{even}"), ("\\textbf{No}", "No"),
            ("\\text{(B)}", "B"),
            ("2\\sqrt3", "2\\sqrt{3}"), ("2 \\sqrt{3}", "2√3"), ("x^2 + 1", "x^{2}+1"),
            ("a_1", "a_{1}"),
            ("2 \\times x", "2 \\cdot x"), ("3\\pi", "3π"), ("\\frac{\\pi}{2}", "\\dfrac{\\pi}{2}"),
            ("x \\leq 3", "x \\le 3"), ("\\displaystyle\\frac{x}{2}", "\\frac{x}{2}"),
            ("\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}"),
        ])
    func equal(_ content: String, _ gold: String) throws {
        let verdict = try verdict(content, gold)
        #expect(verdict.isCorrect && verdict.reason == nil, "\(verdict)")
    }

    @Test(
        "Another number, word or list is wrong",
        arguments: [
            ("5", "6", "'5', not '6'"),
            ("0.6", "50\\%", "'0.6', not '50'"),
            ("3.14", "3.1416", "'3.14', not '3.1416'"),
            ("(4,3)", "(3,4)", "'(4,3)', not '(3,4)'"),
            ("(0,1)", "[0,1]", "'(0,1)', not '[0,1]'"),
            ("1,2", "1,2,3", "'{1,2}', not '{1,2,3}'"),
            ("odd", "\\text{even}", "'odd', not 'even'"),
            ("B", "C", "'B', not 'C'"),
            ("x", "5", "'x', not '5'"),
        ])
    func wrong(_ content: String, _ gold: String, _ reason: String) throws {
        let verdict = try verdict(content, gold)
        #expect(!verdict.isCorrect && verdict.reason == reason, "\(verdict)")
    }

    @Test(
        "What only algebra could tell is not judged",
        arguments: [
            ("x(x+1)", "x^2+x", "'x(x+1)' equals 'x^{2}+x'"),
            ("2x", "x+x", "'2x' equals 'x+x'"), ("3x", "3", "'3x' equals '3'"),
            ("y=5", "x=5", "'y=5' equals 'x=5'"), ("AB", "BA", "'AB' equals 'BA'"),
            ("(x,1)", "(1+x-1,1)", "'(x,1)' equals '(1+x-1,1)'"),
            ("2xy", "2ab", "'2xy' equals '2ab'"), ("3ab", "3", "'3ab' equals '3'"),
            ("3 ab", "3", "'3ab' equals '3'"), ("3xy^2", "3", "'3xy^{2}' equals '3'"),
            ("5 m", "5", "'5m' equals '5'"), ("1/abc", "1", "'1/abc' equals '1'"),
            (
                "\\frac{1}{2}ab", "\\frac{1}{2}bh",
                "'\\frac{1}{2}ab' equals '\\frac{1}{2}bh'"
            ),
        ])
    func algebra(_ content: String, _ gold: String, _ what: String) throws {
        let verdict = try verdict(content, gold)
        #expect(verdict.outcome == .unjudged)
        #expect(
            verdict.reason
                == "not judged: whether \(what) needs algebra, which the verifier 'external' can have"
        )
    }

    @Test(
        "The last box counts, however it is written",
        arguments: [
            ("\\boxed{4} or rather \\boxed{5}", "5"), ("\\fbox{5}", "5"), ("\\boxed 5", "5"),
            ("$\\boxed5$", "5"), ("\\boxed {5}", "5"), ("\\boxed{\\boxed{5}}", "5"),
            ("\\boxed{5} \\boxed{}", "5"), ("\\boxed{\\frac{a}{b}}", "\\frac{a}{b}"),
            ("\\boxed{\\{1\\}}", "{1}"), ("\\boxed\t{5}", "5"),
            ("\\boxed\\frac{a}{b}", "\\frac{a}{b}"),
            ("\\boxed -5", "-5"), ("\\\\boxed{5}", "5"),
            ("It is \\boxed{42}. I gave it within \\boxed as asked.", "42"),
            ("\\boxed{42}, in \\boxed, not \\fbox.", "42"), ("\\boxed{42} as \\boxed\\boxed", "42"),
        ])
    func boxes(_ response: String, _ extracted: String) throws {
        let verdict = try Verifier.boxed.verdict(
            on: .init(response: response, gold: "7", question: nil))
        #expect(verdict.extracted == extracted)
    }

    @Test(
        "Without a box there is nothing to judge",
        arguments: [
            ("The answer is 5.", "no \\boxed answer"), ("\\boxed{}", "no \\boxed answer"),
            ("\\boxedx{5}", "no \\boxed answer"), ("\\boxed", "no \\boxed answer"),
            ("\\boxed{5", "the last \\boxed has no end"),
            ("\\boxed{5\\}", "the last \\boxed has no end"),
            ("\n", "no answer"),
        ])
    func none(_ response: String, _ reason: String) throws {
        let verdict = try Verifier.boxed.verdict(
            on: .init(response: response, gold: "5", question: nil))
        #expect(verdict == Verdict(isCorrect: false, reason: reason, extracted: nil))
    }
}
