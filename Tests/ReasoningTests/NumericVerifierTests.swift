import Reasoning
import Testing

@Suite("The numeric verifier", .timeLimit(.minutes(10)))
struct NumericVerifierTests {
    private func verdict(_ response: String, _ gold: String) throws -> Verdict {
        try Verifier.numeric.verdict(on: .init(response: response, gold: gold, question: nil))
    }

    @Test(
        "The same number in any spelling is correct",
        arguments: [
            ("18", "18"), ("18.", "18"), ("18.00", "18"), ("018", "18"),
            ("+18", "18"),
            ("$18", "18"), ("\\$18", "18"), ("18 dollars", "18"), ("18 dollars", "$18.00"),
            ("€18", "18"), ("£18.50", "18.5"), ("-$18", "-18"), ("$-18", "-18"),
            ("1,234", "1234"), ("1234", "1,234"), ("12,345,678.90", "12345678.9"),
            ("1{,}234", "1234"), ("1\\,234", "1234"), ("1,\\!234", "1234"),
            ("12,34,567", "1234567"), ("1234567", "Rs. 12,34,567"), ("3 lakh", "300000"),
            ("1 234", "1234"), ("1 000 000", "1000000"), ("12\u{202F}500.5", "12500.5"),
            ("1,\\! 234", "1234"),
            ("-5", "-5"), ("\u{2212}5", "-5"), ("\u{2013}5", "-5"), ("x = -5", "-5"),
            (".5", "0.5"), ("-.5", "-1/2"), ("1/2", "0.5"), ("\\frac{1}{2}", "1/2"),
            ("\\dfrac12", "0.5"),
            ("-\\frac{3}{4}", "-0.75"), ("\\frac{-3}{4}", "-3/4"), ("6 / 4", "1.5"), ("½", "0.5"),
            ("1 1/2", "1.5"), ("1\\frac{1}{2}", "3/2"), ("2½", "2.5"), ("-1 1/2", "-3/2"),
            ("50%", "50"), ("50\\%", "50%"), ("50", "50%"),
            ("1.5e3", "1500"), ("2E-3", "0.002"), ("3 \\times 10^5", "300000"),
            ("3×10^{-2}", "0.03"),
            ("3*10^4", "30,000"), ("10^3", "1000"), ("6.02 x 10^2", "602"),
            ("2 million", "2000000"), ("1.5 \\text{ thousand}", "1500"),
            ("0.1 + 0.2 = 0.3", "3/10"), ("１８", "18"),
            ("12345678901234567890123", "12345678901234567890123"),
            (
                "0.3333333333333333333333333333333333",
                "3333333333333333333333333333333333/10000000000000000000000000000000000"
            ),
        ])
    func equal(_ response: String, _ gold: String) throws {
        let verdict = try verdict(response, gold)
        #expect(verdict.isCorrect && verdict.reason == nil, "\(verdict)")
    }

    @Test(
        "A close, scaled or truncated number is wrong, and the reason contains the extracted number",
        arguments: [
            ("17", "18", "'17', not '18'"),
            ("18.0001", "18", "'18.0001', not '18'"),
            ("0.5", "50", "'0.5', not '50'"),
            ("50%", "0.5", "'50', not '0.5'"),
            ("0.5", "50%", "'0.5', not '50'"),
            ("0.333", "1/3", "'0.333', not '1/3'"),
            ("5", "-5", "'5', not '-5'"),
            ("1800", "18", "'1800', not '18'"),
            ("1,23", "123", "'1,23' is not one number"),
            ("1,234,5", "12345", "'1,234,5' is not one number"),
            ("1234 56", "123456", "'1234 56' is not one number"),
            ("36,36,108", "108", "'36,36,108' is not one number"),
            ("2 million", "2", "'2000000', not '2'"),
            ("1 1/2", "1/2", "'1.5', not '0.5'"),
            ("none", "18", "no number"),
            ("", "18", "no answer"),
            (" \n\t", "18", "no answer"),
        ])
    func wrong(_ response: String, _ gold: String, _ reason: String) throws {
        let verdict = try verdict(response, gold)
        #expect(!verdict.isCorrect && verdict.reason == reason, "\(verdict)")
    }

    @Test(
        "The answer is the marked one, else the stated one, else the last number",
        arguments: [
            ("It is 3 + 4 = 7.\n#### 7", "7"),
            ("#### 7\nI checked 2 times.", "7"),
            ("7 eggs, 2 baskets\n#### $7.00 \n", "7"),
            ("#### Step 1: add 2\n#### 18 dollars", "18"),
            ("The sum is 18.\n#### Step 2", "2"),
            ("So \\boxed{18} after 3 steps", "18"),
            ("\\boxed{17} no, \\boxed{18}", "18"),
            ("\\boxed{18}\\boxed{}", "18"),
            ("#### 17\n\\boxed{18}", "18"),
            ("\\boxed{17}\n#### 18", "18"),
            ("\\boxed{\\text{18 dollars}}", "18"),
            ("\\boxed{18 \\text{ cm}^2}", "18"),
            ("\\boxed{x = 18}", "18"),
            ("\\boxed 18.", "18"),
            ("$\\boxed18$", "18"),
            ("\\fbox{18}", "18"),
            ("\\boxed{\\frac{36}{2}}", "18"),
            ("The answer is 18 because 3 is odd.", "18"),
            ("The answer is 17. Wait, the answer is 18. It took 2 tries.", "18"),
            ("The answer is: $18. There are 7 days.", "18"),
            ("The final answer is\n\n18 of 20", "18"),
            ("**Answer:** **18** (of 20)", "18"),
            ("Answer = 18, from 20 - 2", "18"),
            ("The answer is 20 - 2 = 18 now. Rule 5.", "18"),
            ("The answer is 18 (= 9 * 2)", "18"),
            ("The answer is clear: 5 + 13 = 18", "18"),
            ("The answer is plain.\nSo 18", "18"),
            ("It has an area of 18 m^2", "18"), ("an area of 18 m²", "18"),
            ("18 H2O, x_1, v2", "18"),
            ("18 on 12/25/2024 at 5:30, see 1.2.3", "18"),
            ("#### 1. Find the total\n48 - 30 = 18\nThe answer is 18.", "18"),
            ("#### 1) Find the total\nThe answer is 18.", "18"),
            ("#### **18.**\nI took 3 steps.", "18"),
            ("\\boxed{18 km/h}", "18"), ("#### 18 sq. ft.", "18"), ("\\boxed{18 m}", "18"),
            ("\\boxed{18 m/s^2}", "18"),
            ("\\boxed{18km}", "18"), ("\\boxed{18 ^\\circ C}", "18"), ("\\boxed{\\$18/h}", "18"),
            ("18, the ratio is 3:4", "18"), ("18 is not <<3*6=18>>", "18"),
            ("共18元", "18"),
        ])
    func extraction(_ response: String, _ number: String) throws {
        #expect(try verdict(response, number).extracted == number)
    }

    @Test(
        "A marked answer that is not a single number is reported as such",
        arguments: [
            ("18 \\boxed{x}", "'x' is not one number"),
            ("18 \\boxed{3x}", "'3x' is not one number"),
            ("18 \\boxed{3 x}", "'3 x' is not one number"),
            ("18 \\boxed{18m}", "'18m' is not one number"),
            ("18 \\boxed{18ab}", "'18ab' is not one number"),
            ("\\boxed{18 or 19}", "'18 or 19' is not one number"),
            ("\\boxed{\\sqrt{18}}", "'\\sqrt{18}' is not one number"),
            ("\\boxed{18\\pi}", "'18\\pi' is not one number"),
            ("\\boxed{18!}", "'18!' is not one number"),
            ("\\boxed{2^{18}}", "'2^{18}' is not one number"),
            ("17 \\boxed{18", "the last \\boxed has no end"),
            ("\\boxed{18} \\boxed{", "the last \\boxed has no end"),
        ])
    func unreadable(_ response: String, _ reason: String) throws {
        let verdict = try verdict(response, "18")
        #expect(!verdict.isCorrect && verdict.reason == reason, "\(verdict)")
    }

    @Test(
        "What cannot be computed with is not judged, unless it is spelled alike",
        arguments: [
            ("1e99", "18", "not judged: '1e99' has over 38 digits or divides by 0"),
            ("18", "1e99", "not judged: '1e99' has over 38 digits or divides by 0"),
            ("1/0", "18", "not judged: '1/0' has over 38 digits or divides by 0"),
            ("18", "many", "not judged: the reference answer 'many' has no number"),
            ("1e99", "1e99", nil),
        ] as [(String, String, String?)])
    func unjudged(_ response: String, _ gold: String, _ reason: String?) throws {
        let verdict = try verdict(response, gold)
        #expect(verdict.outcome == (reason == nil ? .correct : .unjudged))
        #expect(verdict.reason == reason)
    }

    @Test("A whole solution may be the reference answer")
    func solution() throws {
        let gold =
            "She sells 16 - 3 - 4 = <<16-3-4=9>>9 eggs.\nShe makes 9 * 2 = $<<9*2=18>>18.\n#### 18"
        #expect(try verdict("She makes $18.", gold).isCorrect)
        #expect(try verdict(gold, gold) == Verdict(isCorrect: true, reason: nil, extracted: "18"))
    }
}
