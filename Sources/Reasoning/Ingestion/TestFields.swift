import JSON

/// The fields of a record that contain the tests of programs.
package struct TestFields: Hashable, Sendable {
    /// The fields with tests, at least one; see `ProgramTests`.
    package var fields: [String]

    /// The field with the name of the function to call, unless the tests name it. It may be a member of an object that
    /// is written as JSON text, such as `metadata.func_name` in LiveCodeBench.
    package var function: String?

    package init(_ fields: [String], function: String? = nil) {
        self.fields = fields
        self.function = function
    }

    /// The tests in all fields together; `nil` if all are null, empty or lists without tests.
    func tests(in record: JSONValue) throws(RecordProblem) -> ProgramTests? {
        let name = function.flatMap { Self.name(at: $0, in: record) }
        var function: String?
        var tests: [ProgramTests.Test] = []
        for field in fields {
            guard let found = try Self.tests(in: field, of: record, function: name) else {
                continue
            }
            guard tests.isEmpty || function == found.function else {
                throw .tests(field: field, .mixed)
            }
            function = found.function
            tests += found.tests
        }
        guard let field = fields.first, !tests.isEmpty else { return nil }
        do throws(ProgramTestsProblem) {
            return try ProgramTests(function: function, tests: tests)
        } catch {
            throw .tests(field: field, error)
        }
    }

    private static func tests(
        in field: String, of record: JSONValue, function: String?
    ) throws(RecordProblem) -> ProgramTests? {
        guard let value = record.value(at: field) else { throw .missing(field: field) }
        let text: String
        switch value {
        case .null: return nil
        case .string(let string): text = string
        default: text = value.canonical
        }
        guard text.contains(where: { !$0.isWhitespace }) else { return nil }
        do throws(ProgramTestsProblem) {
            return try ProgramTests(text, function: function)
        } catch .none {
            return nil
        } catch {
            throw .tests(field: field, error)
        }
    }

    /// The text at `path`, whose objects may be written as JSON texts; `nil` if there is none.
    private static func name(at path: String, in record: JSONValue) -> String? {
        var value = record.value(at: path)
        if value == nil, let dot = path.lastIndex(of: "."),
            case .string(let text)? = record.value(at: String(path[..<dot]))
        {
            value = JSONValue(json: text)?[String(path[path.index(after: dot)...])]
        }
        guard case .string(let name)? = value, !name.isEmpty else { return nil }
        return name
    }
}
