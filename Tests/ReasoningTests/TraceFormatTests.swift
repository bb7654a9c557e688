import Foundation
import Reasoning
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TraceFormatTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ text: String) throws -> String {
        try directory.write(text, to: "format.yaml")
    }

    private let whole = """
        prior: "Q: {{ question }} T: "
        posterior: "Q: {{ question }} A: {{ hint }} T: "
        trace_end: "</t>"
        answer_start: " A: "
        answer_end: "</a>"
        """

    @Test(
        "Templates become prompts, character by character, and what they are given is no template")
    func prompts() throws {
        let format = try TraceFormat(file: try path(whole))
        #expect(try format.priorPrompt("1 < 2 & {{ hint }}") == "Q: 1 < 2 & {{ hint }} T: ")
        #expect(
            try format.posteriorPrompt("why?", hint: "\\boxed{4}\n")
                == "Q: why? A: \\boxed{4}\n T: ")
        #expect(format.traceTarget("so  it is") == "so  it is</t>")
        #expect(format.answerTarget("4") == " A: 4</a>")
    }

    @Test("A completion is taken apart at its marks, and blanks count")
    func completions() throws {
        let format = try TraceFormat(file: try path(whole))
        let parts = format.parts(ofCompletion: "a  b </t> A: 4 \n</a> more")
        #expect(parts.trace == "a  b " && parts.answer == "4 \n")
        let unmarked = format.parts(ofCompletion: "a</t>4</a>")
        #expect(unmarked.trace == "a" && unmarked.answer == "4")
        #expect(format.parts(ofCompletion: "a</t> A: 4").answer == nil)
        #expect(format.parts(ofCompletion: "a A: 4</a>").trace == nil)
    }

    @Test("The answer's start may be left out, and a condition may be part of a template")
    func options() throws {
        let format = try TraceFormat(
            file: try path(
                """
                prior: "{{ question }}{% if hint %}!{% endif %}?"
                posterior: "{{ question }}{% if hint %}!{{ hint }}{% endif %}?"
                trace_end: a
                answer_end: b
                """))
        #expect(try format.priorPrompt("q") == "q?")
        #expect(try format.posteriorPrompt("q", hint: "h") == "q!h?")
        #expect(format.answerTarget("x") == "xb")
    }

    @Test(
        "A file that is not a format is refused, and the error names the problem",
        arguments: [
            ("- 1", "it is not a table of texts"),
            ("prior: a", "it has no `posterior`"),
            (
                "other: a",
                "it has `other`, but may only have `prior`, `posterior`, `trace_end`, `answer_start`, `answer_end`"
            ),
            ("prior: [a]", "its `prior` is not a text"),
            ("prior: \"\"\nposterior: b", "its `prior` is empty"),
            (
                "prior: a\nposterior: b\ntrace_end: c\nanswer_end: d",
                "its template `prior` does not show {{ question }} to the model"
            ),
            (
                "prior: \"{{ question }}\"\nposterior: \"{{ question }}\"\ntrace_end: c\nanswer_end: d",
                "its template `posterior` does not show {{ hint }} to the model"
            ),
            (
                "prior: \"{{ question | shout }}\"\nposterior: b\ntrace_end: c\nanswer_end: d",
                "its template `prior` cannot be rendered: Unknown filter 'shout'. Found similar filters: 'split'."
            ),
        ])
    func mistakes(_ text: String, _ problem: String) throws {
        let path = try path(text)
        let error = #expect(throws: ReasoningError.self) { try TraceFormat(file: path) }
        #expect(error?.description == "\(path) is not a trace format: \(problem)")
    }

    @Test("The paper's formats are formats, and end where the trace begins")
    func paper() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        for (name, start) in [("a", "<|begin_of_explanation|>"), ("b", "<|begin_of_thought|>")] {
            let format = try TraceFormat(
                file: root.path + "/pipelines/prompts/paper-\(name).yaml")
            #expect(
                try format.priorPrompt("1+1?").hasSuffix(
                    "1+1?<|im_end|>\n<|im_start|>assistant\n<|begin_of_thought|>\n\n"))
            #expect(
                try format.posteriorPrompt("1+1?", hint: "It is 2.").hasSuffix(
                    "It is 2.<|end_of_solution|>\n\n\(start)\n\n"))
            #expect(format.traceEnd == "<|end_of_thought|>")
            #expect(
                format.answerTarget("2") == "\n\n<|begin_of_solution|>2<|end_of_solution|>")
        }
    }

    @Test(
        "The prompts for other questions than the paper's add a request to the same system prompt")
    func requests() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        func prompt(_ name: String) throws -> String {
            try TraceFormat(file: root.path + "/pipelines/prompts/paper-\(name).yaml")
                .priorPrompt("1+1?")
        }
        let plain = try prompt("b")
        #expect(try prompt("a") == plain)
        #expect(
            try prompt("boxed")
                == plain.replacingOccurrences(
                    of: "1+1?", with: "Return your final response within \\boxed{}. 1+1?"))
        let code = try prompt("code").components(separatedBy: "Write a Python program that")
        #expect(code.count == 2)
        #expect(
            plain.hasPrefix(code[0])
                && plain.hasSuffix("1+1?" + (plain.components(separatedBy: "1+1?").last ?? "")))
    }
}
