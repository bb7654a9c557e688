import Reasoning
import Testing

@Suite("The choice verifier", .timeLimit(.minutes(10)))
struct ChoiceVerifierTests {
    @Test(
        "The letter that is given as the answer is read",
        arguments: [
            ("B", "B"), ("b", "B"), ("(B)", "B"), ("B.", "B"), ("**B**", "B"), ("$B$", "B"),
            ("A", "A"),
            ("B. Paris", "B"), ("(B) Paris", "B"), ("B) Paris", "B"),
            ("\\boxed{B}", "B"), ("\\boxed{\\text{(B)}}", "B"), ("\\boxed{\\textbf{b}}", "B"),
            ("\\boxed{B. Paris}", "B"), ("\\boxed{A} no, \\boxed{B}", "B"), ("\\boxed{(A)}", "A"),
            ("The answer is B", "B"), ("The answer is B.", "B"),
            ("the answer is (B) as A is wrong", "B"),
            ("The answer is **B**, not A.", "B"), ("Answer: B", "B"), ("**Answer:** (B)", "B"),
            ("The correct option is B because it is", "B"), ("The answer is option B.", "B"),
            ("The answer is $\\text{(B)}$.", "B"), ("The answer is:\n\nB) Paris", "B"),
            ("The answer is A.", "A"), ("The answer is A", "A"),
            ("The answer is A because of it.", "A"), ("The answer is T cells, so (B)", "B"),
            ("The answer is C as it is", "C"), ("The answer is D since it is", "D"),
            ("Answer: C which is red", "C"), ("The answer is B Paris", "B"),
            ("The answer is B. But the answer is a guess.", "B"),
            ("The answer is B. So the answer is D.", "D"),
            ("I compare all.\nB", "B"), ("I compare all.\n\n(B).\n", "B"),
            ("The answer is \"B\".", "B"),
            ("The answer is “B”.", "B"),
            ("\\boxed{\\textbf{(B) }12}", "B"), ("\\boxed{\\text{(B) }x^2}", "B"),
            ("<answer>B</answer>", "B"), ("Thus option B is correct.", "B"),
            ("Choice (B) is the right one.", "B"),
            ("Answer: B\n\nQuestion: Which?\nAnswer: C", "B"),
            ("<think>The answer is C.</think>The answer is B.", "B"),
            ("(A) and (C) fail.\nThis leaves (B) for us", "B"),
        ])
    func letters(_ response: String, _ letter: String) throws {
        let verdict = try Verifier.choice.verdict(
            on: .init(response: response, gold: letter, question: nil))
        #expect(verdict == Verdict(isCorrect: true, reason: nil, extracted: letter))
    }

    @Test(
        "An article, a pronoun or a mere mention is no answer",
        arguments: [
            "A dog barks.", "The answer is a dog.", "The answer is A very large number",
            "The answer is A 5-step plan", "The answer is I think unclear", "Answer: A new law",
            "Option A is wrong", "First I tried A, then B", "I compare all.\nA dog barks.",
            "(A) beats (B)", "The answer is Bach", "The answer is 5",
            "The answer is A, B", "The answer is A,B.", "Answer: A & B", "Answer: A/B",
            "Answer: (A), (C)",
            "The answer is A or B", "The answer is \"A\" and \"B\"",
            "If option A is correct, so is it.",
            "Option A is not correct.", "Answer: E coli", "The answer is B and C",
            "The answer is A or maybe C", "A, or perhaps (C)", "The answer is not (A)",
            "It cannot be (A).", "(A) is wrong", "This isn't (A)", "Answer: A, possibly B",
        ])
    func none(_ response: String) throws {
        let verdict = try Verifier.choice.verdict(
            on: .init(response: response, gold: "A", question: nil))
        #expect(
            verdict
                == Verdict(
                    isCorrect: false, reason: "no letter is given as the answer", extracted: nil))
    }

    @Test("Only letters of the options are answers, where the question shows them")
    func options() throws {
        let question = "Which?\n\n(A) red\n(B) blue\n(C) green"
        func letter(_ response: String, _ question: String?) throws -> String? {
            try Verifier.choice.verdict(
                on: .init(response: response, gold: "A", question: question)
            ).extracted
        }
        let response = "The answer is B. The answer is T Cells"
        #expect(try letter(response, question) == "B")
        #expect(try letter(response, "Which?") == "T")
        #expect(try letter(response, "Which of (A) and (B)?") == "T")
        #expect(try letter("I think.\nD", question) == nil)
        #expect(try letter("I think.\nC", question) == "C")
    }

    @Test(
        "The verdict on a wrong answer contains the reason",
        arguments: [
            ("The answer is B.", "C", "'B', not 'C'"),
            ("\\boxed{A, B}", "A", "'A, B' is not one letter"),
            ("\\boxed{12}", "A", "'12' is not one letter"),
            ("A \\boxed{A", "A", "the last \\boxed has no end"),
            ("", "A", "no answer"),
        ])
    func wrong(_ response: String, _ gold: String, _ reason: String) throws {
        let verdict = try Verifier.choice.verdict(
            on: .init(response: response, gold: gold, question: nil))
        #expect(verdict.outcome == .wrong && verdict.reason == reason, "\(verdict)")
    }

    @Test("A reference answer that is no letter is not judged")
    func unjudged() throws {
        #expect(
            try Verifier.choice.verdict(on: .init(response: "A", gold: "12", question: nil))
                == .unjudged("the reference answer '12' is not a letter"))
    }
}
