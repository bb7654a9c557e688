extension KeyDocument {
    /// The differences from `old`, one line each, such as `with.learning_rate 0.001 -> 0.0003`; empty for equal
    /// documents.
    package func differences(from old: KeyDocument) -> [String] {
        definitionDifferences(from: old) + inputDifferences(from: old).map(\.line)
    }

    /// The differences that do not depend on upstream stages.
    package func definitionDifferences(from old: KeyDocument) -> [String] {
        definition(since: old).map(\.line)
    }

    /// The inputs with changed artifacts, each with its line.
    func inputDifferences(from old: KeyDocument) -> [(name: String, line: String)] {
        Self.names(old.inputs, inputs).compactMap { name in
            FieldDifference(input: name, old.inputs[name], inputs[name]).map { (name, $0.line) }
        }
    }

    /// All fields that differ from `old`: kind, options, files and inputs.
    package func fieldDifferences(from old: KeyDocument) -> [FieldDifference] {
        definition(since: old)
            + Self.names(old.inputs, inputs).compactMap {
                FieldDifference(input: $0, old.inputs[$0], inputs[$0])
            }
    }

    private func definition(since old: KeyDocument) -> [FieldDifference] {
        var differences = [FieldDifference]()
        if kind != old.kind {
            differences.append(FieldDifference("kind", .string(old.kind), .string(kind)))
        } else if version != old.version {
            differences.append(
                FieldDifference("kind version", .integer(old.version), .integer(version)))
        }
        for name in Self.names(old.options, options) {
            differences += FieldDifference.all("with.\(name)", old.options[name], options[name])
        }
        return differences
            + Self.names(old.files, files).compactMap {
                FieldDifference(file: $0, old.files[$0], files[$0])
            }
            + Self.names(old.environment, environment).map {
                FieldDifference(
                    variable: $0, was: old.environment[$0] != nil, is: environment[$0] != nil)
            }
    }

    /// The sorted names whose values differ.
    private static func names<Part: Equatable>(
        _ old: [String: Part], _ new: [String: Part]
    ) -> [String] {
        var names = new.filter { old[$0.key] != $0.value }.map(\.key)
        names += old.keys.filter { new[$0] == nil }
        return names.sorted()
    }
}
