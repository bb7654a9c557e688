extension KeyDocument {
    /// What is not as in `old`, one line each, such as `with.learning_rate 0.001 -> 0.0003`; empty for
    /// equal documents.
    package func differences(from old: KeyDocument) -> [String] {
        definitionDifferences(from: old) + inputDifferences(from: old).map(\.line)
    }

    /// Differences that do not depend on what is above the stage.
    package func definitionDifferences(from old: KeyDocument) -> [String] {
        fieldDifferences(from: old).filter { !$0.isInput }.map(\.line)
    }

    /// The inputs that hold other artifacts, by name, each with its line.
    func inputDifferences(from old: KeyDocument) -> [(name: String, line: String)] {
        Set(old.inputs.keys).union(inputs.keys).sorted().compactMap { name in
            FieldDifference(input: name, old.inputs[name], inputs[name]).map { (name, $0.line) }
        }
    }

    /// Every field that is not as in `old`: the kind, options, files, inputs.
    package func fieldDifferences(from old: KeyDocument) -> [FieldDifference] {
        var differences = [FieldDifference]()
        if kind != old.kind {
            differences.append(FieldDifference("kind", .text(old.kind), .text(kind)))
        } else if version != old.version {
            differences.append(
                FieldDifference("kind version", .integer(old.version), .integer(version)))
        }
        for name in Set(old.options.keys).union(options.keys).sorted() {
            differences += FieldDifference.all("with.\(name)", old.options[name], options[name])
        }
        for name in Set(old.files.keys).union(files.keys).sorted() {
            if let difference = FieldDifference(file: name, old.files[name], files[name]) {
                differences.append(difference)
            }
        }
        for name in Set(old.inputs.keys).union(inputs.keys).sorted() {
            if let difference = FieldDifference(input: name, old.inputs[name], inputs[name]) {
                differences.append(difference)
            }
        }
        return differences
    }
}
