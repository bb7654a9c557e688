import Foundation
import Reasoning
import Testing

@Suite("Verifiers", .timeLimit(.minutes(10)))
struct VerifierTests {
    @Test("An exact answer differs in nothing but blanks")
    func exact() throws {
        func verdict(_ response: String, _ gold: String) throws -> Verdict {
            try Verifier.exact.verdict(on: .init(response: response, gold: gold, question: nil))
        }
        #expect(
            try verdict(" a  b\n", "a b") == Verdict(isCorrect: true, reason: nil, extracted: "a b")
        )
        #expect(try verdict("A b", "a b").reason == "'A b', not 'a b'")
        #expect(try verdict("ab", "a b").reason == "'ab', not 'a b'")
        let long = String(repeating: "x", count: 100)
        #expect(
            try verdict(long, "a").reason == "'\(String(repeating: "x", count: 60))...', not 'a'")
    }

    @Test("Countdown needs the question and nothing else")
    func countdown() throws {
        let verdict = try Verifier.countdown.verdict(
            on: .init(response: "4*8+7", gold: nil, question: "4 8 7 : 39"))
        #expect(verdict == Verdict(isCorrect: true, reason: nil, extracted: "4 * 8 + 7"))
        #expect(
            try Verifier.countdown.verdict(on: .init(response: "4", gold: nil, question: "x"))
                .reason
                == "'x' is not a Countdown question: it needs one ':' between the numbers and the target"
        )
        #expect(throws: RecordProblem.missing(field: "question")) {
            try Verifier.countdown.verdict(on: .init(response: "4", gold: "4", question: nil))
        }
    }

    @Test("The others need a reference answer, and a response that was cut off is none")
    func missing() throws {
        for verifier in Verifier.allCases where ReasoningTasks.named(verifier.rawValue) == nil {
            #expect(throws: RecordProblem.missing(field: "gold")) {
                try verifier.verdict(on: .init(response: "4", gold: nil, question: nil))
            }
            #expect(
                try verifier.verdict(on: .init(response: nil, gold: "4", question: nil))
                    == Verdict(isCorrect: false, reason: "no answer", extracted: nil))
        }
    }

    @Test("Every verifier that reads an answer finds it equal to itself")
    func reflexive() throws {
        for text in ["\\boxed{B}", "\\boxed{12}", "\\boxed{12, x}", "The answer is 3/4", "(C)"] {
            for verifier in Verifier.allCases where ReasoningTasks.named(verifier.rawValue) == nil {
                let verdict = try verifier.verdict(
                    on: .init(response: text, gold: text, question: nil))
                #expect(verdict.isCorrect || verdict.extracted == nil, "\(verifier) \(text)")
            }
        }
    }

    @Test("Random texts never crash a verifier")
    func fuzz() throws {
        let pieces = [
            "\\", "{", "}", "(", ")", "[", "]", "$", ",", ".", "-", "/", "^", "_", "#", "####", " ",
            "\n", "0", "1",
            "12", "1,234", "\\frac", "\\boxed", "\\boxed{", "\\fbox{", "\\text{", "\\sqrt",
            "\\times", "10^",
            "e", "E", "x", "A", "answer is", "Answer:", "and", "\\{", "\\}", "\\left", "=", "%",
            "\u{2212}", "²",
            "½", "é", "\0", "🙂", "\\circ", "million", ":", "*",
            "9999999999999999999999999999999999999999",
        ]
        var random = RandomSource(seed: 7, "verifiers")
        for _ in 0..<20_000 {
            let texts = (0..<2).map { _ in
                (0..<random.integer(below: 14)).map { _ in random.element(of: pieces) }.joined()
            }
            for verifier in Verifier.allCases {
                let verdict = try verifier.verdict(
                    on: .init(response: texts[0], gold: texts[1], question: texts[1]))
                #expect(verdict.isCorrect == (verdict.reason == nil), "\(texts)")
            }
        }
    }

    @Test("Random bytes never crash a verifier")
    func bytes() throws {
        var random = RandomSource(seed: 8, "verifiers")
        for _ in 0..<5_000 {
            let bytes = (0..<random.integer(below: 60)).map { _ in UInt8(random.integer(below: 256))
            }
            let text = String(decoding: bytes, as: UTF8.self)
            for verifier in Verifier.allCases {
                _ = try verifier.verdict(on: .init(response: text, gold: text, question: text))
            }
        }
    }

    /// A pass over the text for each of its bytes would be 4 * 10^12 steps, beyond the time limit by far.
    @Test(
        "A text of two million bytes is judged in linear time",
        arguments: [
            "\\boxed{", "\\boxed{}", "\\boxed ", "\\boxed", "\\boxed\\a", "\\boxed{ ", "{", "(",
            "\\{", "####",
            "#### 1 ", "####\n", "answer is ", "answer: 1", "1", "1,", "1,22,", "1/", "1 ",
            "1 1/2 ",
            "\\frac", "\\frac{1", "\\frac{", "^{", "10^", "-", "$", " ", "\n", "1:", ".", "(1,",
            "\\text{",
            " and ", "(A)", "e", "1e", "\\", "²", "=", "^\\circ", "1 cm ", "}", "\\boxed{1}",
        ])
    func linear(_ piece: String) throws {
        let text = String(repeating: piece, count: (2 << 20) / piece.utf8.count)
        for text in [text, "\\boxed{\(text)}"] {
            for verifier in [Verifier.numeric, .boxed, .choice] {
                _ = try verifier.verdict(on: .init(response: text, gold: text, question: text))
            }
        }
    }
}
