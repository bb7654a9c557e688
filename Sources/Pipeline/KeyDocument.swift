/// All that decides what a stage gives: its kind and version, its options, the content of its inputs
/// and files. Two executions with one document give the same bytes, so its digest is their key.
package struct KeyDocument: Hashable, Sendable, CustomStringConvertible {
    /// The document in its one spelling.
    package let canonical: String

    let kind: String
    let version: Int

    /// Options but for those that name files.
    let options: [String: Value]
    let inputs: [String: [Digest]]
    let files: [String: Digest]

    init(
        kind: String, version: Int, options: [String: Value], inputs: [String: [Digest]],
        files: [String: Digest]
    ) {
        self.kind = kind
        self.version = version
        self.options = options
        self.inputs = inputs
        self.files = files
        canonical =
            Value.table([
                "kind": .text(kind),
                "version": .integer(version),
                "options": .table(options),
                "inputs": .table(inputs.mapValues { .list($0.map { .text($0.hex) }) }),
                "files": .table(files.mapValues { .text($0.hex) }),
            ]).canonical
    }

    /// Reads a document back; `nil` if `canonical` is none.
    package init?(canonical: String) {
        guard let value = Value(json: canonical),
            case .text(let kind)? = value["kind"],
            case .integer(let version)? = value["version"],
            case .table(let options)? = value["options"],
            case .table(let inputs)? = value["inputs"],
            case .table(let files)? = value["files"]
        else { return nil }
        var inputDigests = [String: [Digest]]()
        for (name, digests) in inputs {
            guard case .list(let digests) = digests else { return nil }
            let known = digests.compactMap(Digest.init(value:))
            guard known.count == digests.count else { return nil }
            inputDigests[name] = known
        }
        let fileDigests = files.compactMapValues(Digest.init(value:))
        guard fileDigests.count == files.count else { return nil }
        self.canonical = canonical
        self.kind = kind
        self.version = version
        self.options = options
        self.inputs = inputDigests
        self.files = fileDigests
    }

    package static func == (left: KeyDocument, right: KeyDocument) -> Bool {
        left.canonical == right.canonical
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(canonical) }

    package var key: Digest { Digest(of: canonical) }

    package var description: String { canonical }
}

extension Digest {
    fileprivate init?(value: Value) {
        guard case .text(let hex) = value else { return nil }
        self.init(hex: hex)
    }
}
