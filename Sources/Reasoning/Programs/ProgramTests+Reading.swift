import JSON

extension ProgramTests {
    /// Reads tests in canonical form or as data sets publish them:
    ///
    /// - a list of objects with `input`, `output` and `testtype` (`stdin` or `functional`), as in LiveCodeBench;
    /// - an object with the lists `inputs` and `outputs`, and with `fn_name` if a function is called, as in APPS and
    ///   TACO.
    ///
    /// `function` names the function if the text does not.
    package init(_ text: String, function: String? = nil) throws(ProgramTestsProblem) {
        var text = text
        let reading = text.withUTF8 { bytes in
            Result { () throws(ProgramTestsProblem) in
                var reading = ProgramTestsReading(function: function)
                try reading.read(UnsafeRawBufferPointer(bytes))
                return reading
            }
        }
        let found = try reading.get()
        try self.init(function: try found.calledFunction(), tests: found.tests)
    }
}

/// The tests in a text, as they are read.
private struct ProgramTestsReading {
    var function: String?
    var tests: [ProgramTests.Test] = []

    /// Whether the tests state that they call a function; `nil` if they do not say.
    private var callsFunction: Bool?

    /// The JSON texts of the lists `inputs` and `outputs`.
    private var inputs: [String]?
    private var outputs: [String]?

    init(function: String?) {
        self.function = function
    }

    func calledFunction() throws(ProgramTestsProblem) -> String? {
        if callsFunction == true, function == nil { throw .noFunction }
        return callsFunction == false ? nil : function
    }

    mutating func read(_ text: UnsafeRawBufferPointer) throws(ProgramTestsProblem) {
        do {
            var reader = JSONReader(text)
            reader.skipBlanks()
            switch reader.byte {
            case UInt8(ascii: "["): try readTests(&reader)
            case UInt8(ascii: "{"): try readObject(&reader)
            default: throw ProgramTestsProblem.shape
            }
            try reader.finish()
            if inputs != nil || outputs != nil { try pair() }
        } catch let problem as ProgramTestsProblem {
            throw problem == .shape && Self.isCompressed(text) ? .compressed : problem
        } catch {
            throw .shape
        }
    }

    /// Whether the text is base64, as the private tests of LiveCodeBench are.
    private static func isCompressed(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count > 16
            && text.allSatisfy {
                $0.isLetter || $0.isDigit || "+/=".utf8.contains($0)
            }
    }

    private mutating func readObject(_ reader: inout JSONReader) throws {
        try reader.object { reader in
            switch try reader.name().text {
            case "tests": try readTests(&reader)
            case "inputs": inputs = try Self.elements(&reader)
            case "outputs": outputs = try Self.elements(&reader)
            case "function", "fn_name": try readFunction(&reader)
            default: try reader.skip()
            }
        }
    }

    /// The name is null or empty if no function is called.
    private mutating func readFunction(_ reader: inout JSONReader) throws {
        switch try reader.value() {
        case .null: break
        case .string(let name): if !name.isEmpty { function = name }
        default: throw ProgramTestsProblem.shape
        }
    }

    private mutating func readTests(_ reader: inout JSONReader) throws {
        try reader.list { reader in
            var (input, output): (JSONValue?, JSONValue?)
            try reader.object { reader in
                switch try reader.name().text {
                case "input": input = try reader.value()
                case "output": output = try reader.value()
                case "testtype": try note(try reader.value() == .string("functional"))
                default: try reader.skip()
                }
            }
            guard case .string(let input)? = input, case .string(let output)? = output else {
                throw ProgramTestsProblem.notText(test: tests.count + 1)
            }
            tests.append(ProgramTests.Test(input: input, output: output))
        }
    }

    private mutating func note(_ isCall: Bool) throws(ProgramTestsProblem) {
        if let callsFunction, callsFunction != isCall { throw .mixed }
        callsFunction = isCall
    }

    /// Makes tests of the lists `inputs` and `outputs`.
    private mutating func pair() throws(ProgramTestsProblem) {
        let (inputs, outputs) = (inputs ?? [], outputs ?? [])
        guard inputs.count == outputs.count else {
            throw .counts(inputs: inputs.count, outputs: outputs.count)
        }
        for (input, output) in zip(inputs, outputs) {
            let test = function == nil ? Self.plainTest(input, output) : Self.call(input, output)
            guard let test else { throw .notText(test: tests.count + 1) }
            tests.append(test)
        }
    }

    /// A test of a program, whose texts may be lists of lines.
    private static func plainTest(_ input: String, _ output: String) -> ProgramTests.Test? {
        guard let input = text(input), let output = text(output) else { return nil }
        return ProgramTests.Test(input: input, output: output)
    }

    private static func text(_ json: String) -> String? {
        switch JSONValue(json: json) {
        case .string(let text): return text
        case .array(let lines):
            let texts = lines.compactMap { if case .string(let line) = $0 { line } else { nil } }
            return texts.count == lines.count ? texts.joined(separator: "\n") : nil
        default: return nil
        }
    }

    /// A test of a function. The input is a list of arguments or a text with an argument per line. In APPS most results
    /// are in a list of one element, and its grader accepts that element and the list.
    private static func call(_ input: String, _ output: String) -> ProgramTests.Test? {
        if case .string(let lines)? = JSONValue(json: input),
            case .string(let result)? = JSONValue(json: output)
        {
            return ProgramTests.Test(input: lines, output: result)
        }
        guard let arguments = elements(of: input) else { return nil }
        let first = elements(of: output)?.first
        return ProgramTests.Test(
            input: arguments.joined(separator: "\n"),
            output: ([output] + (first.map { [$0] } ?? [])).joined(separator: "\n"))
    }

    private static func elements(of json: String) -> [String]? {
        var json = json
        return json.withUTF8 { bytes in
            var reader = JSONReader(UnsafeRawBufferPointer(bytes))
            do {
                return try elements(&reader)
            } catch {
                return nil
            }
        }
    }

    /// The elements of a list as JSON on one line each. Their numbers keep all digits.
    private static func elements(_ reader: inout JSONReader) throws -> [String] {
        var found: [String] = []
        try reader.list { reader in
            reader.skipBlanks()
            let start = reader.offset
            try reader.skip()
            // A line end in JSON is a blank between values.
            let line = reader.bytes(from: start).map { $0 == 10 || $0 == 13 ? 32 : $0 }
            found.append(String(decoding: line, as: UTF8.self))
        }
        return found
    }
}
