import JSON

/// The tests of a question whose answer is a program. They are the reference answer of the question, as canonical
/// JSON: `{"function":"add","tests":[{"input":"1\n2","output":"3"}]}`, without `function` for programs that read
/// standard input.
package struct ProgramTests: Hashable, Sendable {
    /// The task of such questions, and the name of the verifier that runs the programs.
    package static let task = "code"

    package struct Test: Hashable, Sendable {
        /// Standard input; for a function its arguments, one JSON value per line.
        package let input: String

        /// The expected standard output; for a function the correct results, one JSON value per line.
        package let output: String

        package init(input: String, output: String) {
            self.input = input
            self.output = output
        }
    }

    /// The name of the function, or method of the class `Solution`, that is called; `nil` if the program reads
    /// standard input.
    package let function: String?
    package let tests: [Test]

    /// The maximum length of an input in bytes, which the sandbox keeps in memory.
    private static let inputLimit = 32 << 20

    /// Throws if there are no tests, or if they are not tests of the function.
    package init(function: String?, tests: [Test]) throws(ProgramTestsProblem) {
        guard !tests.isEmpty else { throw .none }
        if let function, function.contains(where: \.isWhitespace) { throw .name(function) }
        for (index, test) in tests.enumerated() {
            guard test.input.utf8.count <= Self.inputLimit else {
                throw .longInput(test: index + 1, limit: Self.inputLimit)
            }
            guard function != nil else { continue }
            guard Self.areValues(test.input) else { throw .input(test: index + 1) }
            guard Self.areValues(test.output), !test.output.isEmpty else {
                throw .output(test: index + 1)
            }
        }
        self.function = function
        self.tests = tests
    }

    /// The canonical JSON text.
    package var text: String {
        var members: [String: JSONValue] = [
            "tests": .array(
                tests.map {
                    .object(["input": .string($0.input), "output": .string($0.output)])
                })
        ]
        if let function { members["function"] = .string(function) }
        return JSONValue.object(members).canonical
    }

    /// Whether every line is a JSON value.
    private static func areValues(_ text: String) -> Bool { lines(text).allSatisfy(isValue) }

    /// Whether a text is one JSON value.
    static func isValue(_ text: [UInt8]) -> Bool {
        guard String(validating: text, as: UTF8.self) != nil else { return false }
        return text.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes)
            do {
                try reader.skip()
                try reader.finish()
                return true
            } catch {
                return false
            }
        }
    }

    /// The lines of a text, without empty ones.
    static func lines(_ text: String) -> [[UInt8]] {
        text.utf8.split(separator: 10).map(Array.init)
    }
}

/// Why a text is not a set of tests.
package enum ProgramTestsProblem: Error, Hashable, CustomStringConvertible {
    case none
    case shape
    case compressed
    case counts(inputs: Int, outputs: Int)
    case notText(test: Int)
    case mixed
    case noFunction
    case name(String)
    case input(test: Int)
    case output(test: Int)
    case longInput(test: Int, limit: Int)

    package var description: String {
        switch self {
        case .none: "there are no tests"
        case .shape:
            "expected is a JSON list of objects with `input` and `output`, or an object with `inputs` and `outputs`"
        case .compressed:
            "the tests are compressed and pickled; Vireo does not read pickles, because they can run programs: write them as JSON first"
        case .counts(let inputs, let outputs): "there are \(inputs) inputs and \(outputs) outputs"
        case .notText(let test): "the input or output of test \(test) is not a text"
        case .mixed: "some tests call a function and others do not"
        case .noFunction: "the tests call a function that is not named"
        case .name(let name): "the name of the function '\(name)' has a blank"
        case .input(let test): "the input of test \(test) is not one JSON value per line"
        case .output(let test): "the output of test \(test) is not one JSON value per line"
        case .longInput(let test, let limit):
            "the input of test \(test) is longer than \(limit >> 20) MiB"
        }
    }
}
