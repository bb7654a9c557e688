import Reasoning
import Testing

@Suite("Numbers that are no answers", .timeLimit(.minutes(10)))
struct NumericContextTests {
    private func verdict(_ response: String, _ gold: String) throws -> Verdict {
        try Verifier.numeric.verdict(on: .init(response: response, gold: gold, question: nil))
    }

    @Test(
        "A reference answer that is no single number is not judged",
        arguments: [
            ("7", "\\sqrt{7}"), ("7", "7\\sqrt{2}"), ("24", "24 \\pi"), ("24", "24π"), ("4", "3,4"),
            ("4", "(3, 4)"), ("4", "[3, 4]"), ("4", "\\{3, 4\\}"), ("110", "110_2"),
            ("110", "110_{2}"), ("110", "110₂"), ("6", "6!"), ("45", "2 hours 45 minutes"),
            ("3", "5 feet 3 inches"), ("2", "7 \\pm 2"), ("8", "7 or 8"), ("8", "7 and 8"),
            ("9", "a = 8, b = 9"), ("9", "x^2 = 9"), ("9", "3x = 9"), ("9", "x \\le 9"),
            ("9", "x<9"), ("9", "\\log_2 9"), ("9", "9x"), ("9", "9i"), ("9", "between 8 and 9"),
            ("9", "at least 9"), ("9", "not 9"), ("9", "9 or more"), ("9", "9 squared"),
            ("9", "9 dozen"), ("9", "9/x"), ("9", "9:4"), ("4", "9:4"), ("10", "2^{10}"),
            ("0", "0.\\overline{6}"), ("0.6", "0.6..."), ("108", "36,36,108"),
            ("3636108", "36,36,108"), ("2", "\\boxed{\\sqrt{2}}"), ("3", "#### 2 or 3"),
            ("3", "So \\boxed{2} and \\boxed{3}"), ("2", "The answer is $\\sqrt{2}$."),
        ])
    func reference(_ response: String, _ gold: String) throws {
        for response in [response, "The answer is \(response).", "\\boxed{\(response)}"] {
            let verdict = try verdict(response, gold)
            #expect(verdict.outcome == .unjudged, "\(response): \(verdict)")
        }
    }

    @Test(
        "A number in a formula, a list or a bound is not an answer",
        arguments: [
            ("$5\\sqrt{3}$", "5"), ("$5\\sqrt{3}$", "3"), ("$\\sqrt{25}$", "25"), ("$7y$", "7"),
            ("7y", "7"), ("$7y + 2$", "7"), ("$7y + 2$", "2"), ("$4\\pi$", "4"), ("4π", "4"),
            ("$6!$", "6"), ("$1101_2$", "1101"), ("1101₂", "1101"), ("$\\pm 4$", "4"), ("±4", "4"),
            ("$0.\\overline{27}$", "0"), ("$0.1\\overline{6}$", "0.1"), ("0.333...", "0.333"),
            ("0.333…", "0.333"), ("$\\log_3 9$", "9"), ("$2 : 7$", "2"), ("$2 : 7$", "7"),
            ("2:7", "7"), ("$2^{7}$", "7"), ("$2^7$", "2"), ("$x^2 = 16$", "16"),
            ("$4x = 16$", "16"), ("$x - 1 = 16$", "16"), ("$x \\ge 16$", "16"), ("x > 16", "16"),
            ("$x \\ne 16$", "16"), ("7 or 8", "7"), ("7 or 8", "8"), ("7 and 8", "8"),
            ("either 7 or 8", "8"), ("(7, 8)", "7"), ("(7, 8)", "8"), ("7, 8", "8"),
            ("between 7 and 9", "7"), ("between 7 and 9", "9"), ("7 to 9", "9"), ("not 7", "7"),
            ("at least 7", "7"), ("more than 7", "7"), ("7 or more", "7"), ("7 squared", "7"),
            ("7 dozen", "7"), ("7 grand", "7"), ("7 tens", "7"), ("7 permille", "7"),
            ("7 reciprocal", "7"), ("7 factorial", "7"), ("7 and a half", "7"), ("7 halves", "7"),
            ("x = 7, y = 8", "8"), ("x = 7, y = 8", "7"), ("2 hours 45 minutes", "45"),
            ("2 hours and 45 minutes", "2"), ("7 - 2", "7"), ("7 + x", "7"),
            ("$\\frac{7}{x}$", "7"),
            ("$\\frac{1+\\sqrt{7}}{4}$", "4"), ("7万", "7"), ("7θ", "7"), ("∛7", "7"), ("7ⁿ", "7"),
            ("- 7", "7"), ("7\\mathrm{i}", "7"), ("7\\text{ or }8", "7"), ("7'", "7"),
            ("[7,\\infty)", "7"), ("7 \\le x \\le 9", "7"), ("x>7", "7"), ("$f(7)$", "7"),
            ("$a_7$", "7"), ("$|x| = 7$", "7"), ("7 times 2", "7"),
        ])
    func formula(_ answer: String, _ gold: String) throws {
        for response in ["The answer is \(answer).", "Then it is \(answer)", "#### \(answer)"] {
            let verdict = try verdict(response, gold)
            #expect(!verdict.isCorrect, "\(response): \(verdict)")
        }
    }

    @Test(
        "Words around a number do not change it",
        arguments: [
            "The answer is 7 because 2 + 5 = 7.", "The answer is $7$.", "The answer is \\$7.00.",
            "The answer is 7%.", "The answer is 7 cm.", "The answer is 7 apples, as 2 were eaten.",
            "The answer is 7 (from 9 - 2).", "The answer is x = 7.", "The answer is $x = 7$.",
            "The answer is 7 and it is prime.", "The answer is 7 more dollars.",
            "The answer is **7**.", "The answer is \\(7\\).", "The answer is \\[7\\]",
            "He has 3 * 2 + 1 = 7 apples.", "Total = 7", "Total: 7", "So $x = 7$.",
            "The answer is about 7 days.", "Thus there are 7 ways.", "The answer is \"7\".",
            "<answer>7</answer>", "<answer> 7 </answer>", "The answer is 2 + 5 = 7.",
            "The answer is $2 \\cdot 4 - 1 = 7$.", "#### x = 7", "\\boxed{2 + 5 = 7}",
            "\\boxed{V = 14/2 = 7}", "\\boxed{\\text{Area} = 7}", "\\boxed{7}, \\boxed{7}",
            "The answer is 7 °C.", "The answer is 7km.",
        ])
    func free(_ response: String) throws {
        let verdict = try verdict(response, "7")
        #expect(verdict.isCorrect, "\(response): \(verdict)")
    }

    @Test(
        "Neither thinking before an answer nor a further question behind it counts",
        arguments: [
            ("<think>It is 7.</think>The answer is 8.", "8"),
            ("<think>The answer is 7, \\boxed{7}.</think>\n\n8 apples", "8"),
            ("maybe 7</think> 8", "8"),
            ("The answer is 8.\n\nQuestion: Two and 3?\nAnswer: The answer is 5.", "8"),
            ("So 8.\n\nQ: What is 7?", "8"), ("\\boxed{8}\n\n**Problem 2:** 4\n\\boxed{7}", "8"),
            ("I repeat it.\nQuestion: What is twice 4?\nThe answer is 8.", "8"),
        ])
    func parts(_ response: String, _ number: String) throws {
        #expect(try verdict(response, number).extracted == number)
    }

    @Test("Thinking without an end gives no answer")
    func endless() throws {
        for verifier in [Verifier.numeric, .boxed, .choice] {
            let gold = verifier == .choice ? "A" : "7"
            let response = "<think>The answer is \\boxed{\(gold)}, the answer is \(gold)"
            let request = VerificationRequest(response: response, gold: gold, question: nil)
            #expect(try verifier.verdict(on: request).extracted == nil)
            let whole = VerificationRequest(
                response: response + "</think> \\boxed{\(gold)}", gold: gold, question: nil)
            #expect(try verifier.verdict(on: whole).isCorrect)
        }
    }
}
