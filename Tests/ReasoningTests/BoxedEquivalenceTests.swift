import Reasoning
import Testing

@Suite("What is equal in boxes, and what only looks so", .timeLimit(.minutes(10)))
struct BoxedEquivalenceTests {
    private func verdict(_ content: String, _ gold: String) throws -> Verdict {
        try Verifier.boxed.verdict(
            on: .init(response: "So \\boxed{\(content)}.", gold: gold, question: nil))
    }

    @Test(
        "Numbers, roots and multiples of pi are compared by value",
        arguments: [
            ("2^{6}", "64"), ("2^6", "64"), ("3\\cdot 4", "12"), ("2^3\\cdot 3", "24"),
            ("3 \\times 4", "12"), ("4!", "24"), ("\\binom{6}{2}", "15"), ("\\sqrt{49}", "7"),
            ("\\frac{\\sqrt3}{3}", "\\frac{1}{\\sqrt{3}}"), ("3\\sqrt2", "\\sqrt{18}"),
            ("\\sqrt{\\frac{1}{2}}", "\\frac{\\sqrt2}{2}"), ("√18", "3√2"), ("∛27", "3"),
            ("\\sqrt[3]{8}", "2"), ("\\pi/3", "\\frac{\\pi}{3}"), ("\\frac{1}{3}\\pi", "π/3"),
            ("\\frac{2\\pi}{3}", "\\frac23\\pi"), ("1.5\\pi", "\\frac{3\\pi}{2}"),
            ("1+\\sqrt{5}", "\\sqrt5+1"), ("\\frac{1+\\sqrt5}{2}", "\\frac12+\\frac{\\sqrt5}{2}"),
            ("\\frac{1}{1+\\sqrt2}", "\\sqrt2-1"), ("2^{1/2}", "\\sqrt2"), ("2^{-2}", "0.25"),
            ("0.\\overline{3}", "\\frac13"), ("0.1\\overline{6}", "1/6"), ("-2^2", "-4"),
            ("(2)(3)", "6"), ("10^{3}", "1,000"), ("40\\%", "0.4"),
            ("\\frac{1}{4}", "25\\%"), ("3\\sqrt{2}\\text{ cm}", "\\sqrt{18}"),
            ("x/2", "\\frac{x}{2}"), ("2x/3", "\\frac{2x}{3}"), ("(x+1)/2", "\\frac{x+1}{2}"),
            ("11,\\! 111", "11111"), ("2,\\! 000,\\! 000", "2000000"),
            ("12,34,567", "1234567"), ("1234567", "\\text{Rs }12,34,567"),
            ("1 000 000", "1000000"),
        ])
    func values(_ content: String, _ gold: String) throws {
        let verdict = try verdict(content, gold)
        #expect(verdict.isCorrect, "\(verdict)")
    }

    @Test(
        "Relations, lists and matrices have one form",
        arguments: [
            ("x\\in[2,5)", "[2,5)"), ("2<x<5", "(2,5)"), ("2\\le x<5", "[2,5)"),
            ("5>x\\ge 2", "[2,5)"), ("x>2", "(2,\\infty)"),
            ("x \\leq \\sqrt2", "(-\\infty,\\sqrt2]"),
            ("x<=2", "x \\le 2"), ("x != 2", "x \\neq 2"), ("2 \\le x", "x \\ge 2"),
            ("(-\\infty,+\\infty)", "(-\\infty,\\infty)"),
            ("\\pm3", "3,-3"), ("\\pm\\sqrt{8}", "2\\sqrt2,-2\\sqrt2"),
            ("1\\pm\\sqrt2", "1+\\sqrt2, 1-\\sqrt2"),
            ("x=3, x=4", "3,4"), ("x=3 \\text{ or } x=4", "4,3"), ("f^{-1}(x)=2x", "2x"),
            ("3\\cdot 5 = 15", "15"), ("4,4,5", "5,4,4"), ("\\{4,4,5\\}", "\\{5,4\\}"),
            (
                "\\begin{pmatrix}0.5&\\sqrt4\\\\3&4\\end{pmatrix}",
                "\\begin{bmatrix} \\frac12 & 2 \\\\ 3 & 4 \\end{bmatrix}"
            ),
            ("\\begin{pmatrix}a\\\\b\\end{pmatrix}", "\\begin{bmatrix} a \\\\ b\\end{bmatrix}"),
            ("\\text{West}", "west"), ("YES", "yes"), ("α", "\\alpha"), ("x₁", "x_1"),
        ])
    func forms(_ content: String, _ gold: String) throws {
        let verdict = try verdict(content, gold)
        #expect(verdict.isCorrect, "\(verdict)")
    }

    @Test(
        "What only looks equal is never correct",
        arguments: [
            ("x<=7", "7"), ("x\\ge7", "7"), ("x\\ne 7", "7"), ("x!=7", "7"), ("3x=7", "7"),
            ("x^2=7", "7"), ("7\\text{}^2", "7"), ("7\\text{ }^{2}", "7"), ("4.5\\approx5", "5"),
            ("x>2 \\text{ and } x<5", "x>2\\text{ or }x<5"), ("x=1\\text{ or }y=2", "x=1,y=2"),
            ("p<1\\text{ or }p>2", "p<1,p>2"), ("x^2=7", "7"), ("x+1=7", "7"), ("-x=7", "7"),
            ("x=6, y=7", "7"), ("x=7, y=7", "7"),
            ("2+4=7", "7"), ("xy=7", "7"), ("7\\mathrm{i}", "7"), ("7\\text{i}", "7"),
            ("7\\mathrm{e}", "7"), ("7\\text{x}", "7"), ("7\\text{j}", "7"), ("∛7", "7"),
            ("7φ", "7"), ("110₂", "110"), ("7ⁿ", "7"), ("7⅜", "7"), ("7千", "7"), ("7½", "7"),
            ("7 squared", "7"), ("7 dozen", "7"), ("7 thirds", "7"), ("7 cosx", "7"),
            ("7 xyz", "7"), ("7 abc", "7"), ("\\text{not }7", "7"), ("\\text{over }7", "7"),
            ("\\text{no more than }7", "7"), ("7\\text{ or fewer}", "7"), ("7\\text{ pairs}", "7"),
            ("7\\text{ factorial}", "7"), ("7\\text{ million}", "7"), ("7\\text{ lakhs}", "7"),
            ("7...", "7"), ("0.142…", "0.142"), ("0.142\\ldots", "0.142"), ("0.142\\dots", "0.142"),
            ("7_8", "7"), ("7!", "7"), ("7,7,8", "7,8"), ("7,8", "7,8,8"),
            ("36,36,108", "3636,108"),
            ("3636108", "36,36,108"), ("36108", "36,108,36"), ("abc", "ABC"), ("pqr", "PQR"),
            ("\\text{ABC}", "abc"), ("\\{3,4\\}", "(3,4)"),
            ("3.14", "\\pi"), ("3.1416", "3.14159"), ("0.333", "\\frac13"), ("1.414", "\\sqrt2"),
            ("6 8", "68"), ("6\\,8", "68"), ("n\\ge2", "[2,\\infty)"), ("(1,234)", "1234"),
            ("1/2\\pi", "\\frac{\\pi}{2}"), ("1/2x", "\\frac{1}{2x}"),
            ("\\sin x/2", "\\frac{\\sin x}{2}"),
            ("2\\sqrt3", "\\sqrt{6}"), ("\\sqrt12", "\\sqrt{12}"), ("\\sqrt2 + \\sqrt3", "\\sqrt5"),
            ("x<5", "(-\\infty,5]"), ("x<5", "y<5"), ("1<x<2", "[1,2]"), ("x \\in (1,2)", "(2,1)"),
            ("\\pm3", "3"), ("3", "\\pm 3"), ("\\pm3", "3,-3,0"), ("\\pm 0", "0"),
            (
                "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
                "\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}"
            ),
            (
                "\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}",
                "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}"
            ),
            ("50\\%", "5"), ("0.05", "50\\%"), ("0^0", "1"), ("(-8)^{1/3}", "-2"),
            ("\\sqrt{-4}", "-2"), ("6!!", "720"), ("2\\frac{1}{2}", "1"), ("1/0", "0"),
        ])
    func unequal(_ content: String, _ gold: String) throws {
        #expect(try !verdict(content, gold).isCorrect)
    }

    @Test(
        "Boxes that are joined are a list",
        arguments: [
            ("\\boxed{3} and \\boxed{4}", "3,4", true), ("$\\boxed{3}$, $\\boxed{4}$", "4,3", true),
            ("\\boxed{x=3} \\text{ or } \\boxed{x=4}", "3,4", true),
            ("\\boxed{3}, \\boxed{4} and \\boxed{5}", "3,4,5", true),
            ("\\boxed{3} or \\boxed{4}", "4", false), ("\\boxed{3}, \\boxed{4}", "4", false),
            ("\\boxed{4} and \\boxed{4}", "4", true), ("\\boxed{3}\n\\boxed{4}", "4", true),
            ("\\boxed{3}. Rather, \\boxed{4}", "4", true), ("\\boxed{3} so \\boxed{4}", "4", true),
            ("\\boxed{3}\n\nQuestion: 4?\n\\boxed{4}", "3", true),
        ])
    func boxes(_ response: String, _ gold: String, _ isCorrect: Bool) throws {
        let verdict = try Verifier.boxed.verdict(
            on: .init(response: response, gold: gold, question: nil))
        #expect(verdict.isCorrect == isCorrect, "\(verdict)")
    }

    @Test(
        "A pair without its parentheses is the pair in the same order",
        arguments: [
            ("3,4", "(3,4)", true), ("(3, 4)", "3,4", true), ("12,34", "(12,34)", true),
            ("1,\\frac12,3", "(1,0.5,3)", true), ("3,4", "(3,5)", false),
            ("\\{3,4\\}", "(3,4)", false), ("3,3", "(3,3)", true),
        ])
    func barePairs(_ content: String, _ gold: String, _ isCorrect: Bool) throws {
        let verdict = try verdict(content, gold)
        #expect(verdict.isCorrect == isCorrect, "\(verdict)")
    }

    @Test(
        "A list against brackets depends on what they mean",
        arguments: [
            ("4,3", "(3,4)", "'{3,4}' equals '(3,4)'"),
            ("3,4", "[3,4]", "'{3,4}' equals '[3,4]'"),
            ("[3,4]", "\\{3,4\\}", "'[3,4]' equals '{3,4}'"),
        ])
    func brackets(_ content: String, _ gold: String, _ what: String) throws {
        let verdict = try verdict(content, gold)
        #expect(
            verdict.reason == "not judged: whether \(what) depends on what the brackets mean")
        #expect(verdict.outcome == .unjudged)
    }
}
