import Files
import JSON

/// Everything that determines the result of a stage: its kind and version, its options, the contents of its inputs and
/// files, and the values of the environment variables that it declares. Executions with equal documents give the same
/// bytes, so the cache key is the digest of the document.
package struct KeyDocument: Hashable, Sendable, CustomStringConvertible {
    /// The document in canonical form.
    package let canonical: String

    /// The cache key; `nil` in a document that was parsed, whose key is rarely needed.
    private let knownKey: Digest?

    package let kind: String
    package let version: Int

    /// The options, except for those that name files.
    package let options: [String: JSONValue]
    package let inputs: [String: [Digest]]
    package let files: [String: Digest]

    /// Digests of the values of environment variables; `nil` for a variable that is not set.
    package let environment: [String: Digest?]

    init(
        kind: String, version: Int, options: [String: JSONValue], inputs: [String: [Digest]],
        files: [String: Digest], environment: [String: Digest?] = [:]
    ) {
        self.kind = kind
        self.version = version
        self.options = options
        self.inputs = inputs
        self.files = files
        self.environment = environment
        let (start, end) = Self.definition(kind, version, options, files, environment)
        canonical =
            start
            + JSONValue.object(inputs.mapValues { .array($0.map { .string($0.hex) }) }).canonical
            + end
        knownKey = Digest(of: canonical)
    }

    /// The parts of the document before and after its inputs. Its members are sorted by name, as in every canonical
    /// value: environment, files, inputs, kind, options, version. The environment is omitted if no variable is
    /// declared.
    private static func definition(
        _ kind: String, _ version: Int, _ options: [String: JSONValue], _ files: [String: Digest],
        _ environment: [String: Digest?]
    ) -> (start: String, end: String) {
        let values = JSONValue.object(environment.mapValues { $0.map { .string($0.hex) } ?? .null })
        let variables = environment.isEmpty ? "" : "\"environment\":\(values.canonical),"
        let files = JSONValue.object(files.mapValues { .string($0.hex) }).canonical
        let kind = JSONValue.string(kind).canonical
        return (
            "{\(variables)\"files\":\(files),\"inputs\":",
            ",\"kind\":\(kind),\"options\":\(JSONValue.object(options).canonical),\"version\":\(version)}"
        )
    }

    /// Whether the document `text` differs at most in its inputs.
    package func hasDefinition(ofText text: String) -> Bool {
        let (start, end) = Self.definition(kind, version, options, files, environment)
        return text.utf8.count > start.utf8.count + end.utf8.count
            && text.utf8.starts(with: start.utf8)
            && text.utf8.suffix(end.utf8.count).elementsEqual(end.utf8)
    }

    /// Parses a document; `nil` if `text` is not valid.
    package init?(canonical text: String) {
        guard let value = JSONValue(json: text),
            case .string(let kind)? = value["kind"],
            case .integer(let version)? = value["version"],
            case .object(let options)? = value["options"],
            case .object(let inputs)? = value["inputs"],
            case .object(let files)? = value["files"]
        else { return nil }
        var inputDigests = [String: [Digest]]()
        for (name, digests) in inputs {
            guard case .array(let digests) = digests else { return nil }
            let known = digests.compactMap(Digest.init(value:))
            guard known.count == digests.count else { return nil }
            inputDigests[name] = known
        }
        let fileDigests = files.compactMapValues(Digest.init(value:))
        guard fileDigests.count == files.count else { return nil }
        var variables = [String: Digest?]()
        if case .object(let table)? = value["environment"] {
            for (name, value) in table {
                variables[name] = .some(Digest(value: value))
            }
        }
        environment = variables
        canonical = text
        knownKey = nil
        self.kind = kind
        self.version = version
        self.options = options
        self.inputs = inputDigests
        self.files = fileDigests
    }

    package static func == (left: KeyDocument, right: KeyDocument) -> Bool {
        left.canonical.utf8.elementsEqual(right.canonical.utf8)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(ExactText(canonical)) }

    package var key: Digest { knownKey ?? Digest(of: canonical) }

    package var description: String { canonical }
}

extension Digest {
    fileprivate init?(value: JSONValue) {
        guard case .string(let hex) = value else { return nil }
        self.init(hex: hex)
    }
}
