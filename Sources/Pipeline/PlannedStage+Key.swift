extension PlannedStage {
    /// What decides the result, given the content of the inputs. Paths, resources and the names of
    /// stages are not in it.
    package func keyDocument(inputs: [String: [Digest]]) -> KeyDocument {
        let paths = Set(kind.options.filter { $0.type.isFile }.map(\.name))
        return KeyDocument(
            kind: kind.name, version: kind.version,
            options: options.values.filter { !paths.contains($0.key) || $0.value == .null },
            inputs: inputs, files: fileDigests)
    }
}

extension OptionType {
    /// Whether values are paths.
    fileprivate var isFile: Bool {
        switch self {
        case .file: true
        case .list(let element): element.isFile
        default: false
        }
    }
}
