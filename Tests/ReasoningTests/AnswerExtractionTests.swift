import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct AnswerExtractionTests {
    @Test(
        "The last complete box holds the answer",
        arguments: [
            (#"so $\boxed{3}$."#, "3"), (#"\boxed{\frac{1}{2}}"#, #"\frac{1}{2}"#),
            (#"\boxed{1} and \fbox{2}"#, "2"), (#"\fbox{1} and \boxed{2}"#, "2"),
            (#"\boxed{1} and \boxed{2"#, "1"), (#"\boxed{\{1, 2\}}"#, #"\{1, 2\}"#),
            (#"\boxed {5}"#, "5"), (#"$\boxed 5$"#, "5"), (#"\boxed{\fbox{7}}"#, "7"),
            (#"} \boxed{ 4 } }"#, "4"), (#"{ \boxed{4}"#, "4"), (#"\boxed{e\u0301}"#, #"e\u0301"#),
            (#"\boxed{}"#, nil), (#"\boxed{1"#, nil), ("no box", nil), (#"\boxedup{1}"#, nil),
            (#"\boxed"#, nil), (#"\"#, nil), ("", nil), (#"$\boxed5$"#, "5"), ("\\boxed\t{5}", "5"),
            (#"\boxed{5} \boxed{}"#, "5"), (#"\boxed{5} within \boxed as asked"#, "5"),
            (#"\\boxed{5}"#, "5"), (#"\boxed\frac12"#, #"\frac12"#), ("\\boxed{5}\\boxed{\t}", "5"),
        ] as [(String, String?)])
    func boxes(_ text: String, _ expected: String?) {
        #expect(AnswerExtraction.boxed.answer(in: text) == expected)
    }

    @Test("A box that is open a million times takes no longer than one pass")
    func manyBoxes() {
        let text = String(repeating: #"\boxed{"#, count: 1_000_000)
        #expect(AnswerExtraction.boxed.answer(in: text + "7}") == "7")
    }

    @Test("The answer stands after the last four hashes, and the reasoning before them")
    func hashes() {
        let text = "First #### 1?\nNo.\n#### 1,050 \n"
        #expect(AnswerExtraction.hashes.answer(in: text) == "1,050")
        #expect(AnswerExtraction.hashes.reasoning(in: text) == "First #### 1?\nNo.")
        #expect(AnswerExtraction.hashes.answer(in: "### 1") == nil)
        #expect(AnswerExtraction.hashes.answer(in: "so ####\n") == nil)
        #expect(AnswerExtraction.hashes.reasoning(in: "no answer") == "no answer")
    }
}
