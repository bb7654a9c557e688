import JSON

/// A YAML value with its position.
struct SyntaxNode: Sendable {
    let position: Position
    let content: Content

    enum Content: Sendable {
        /// A value and its spelling in the file.
        case scalar(JSONValue, spelling: String)
        case list([SyntaxNode])
        case table([SyntaxEntry])
        /// Stands for a value whose mistake is already reported, so that references to it are not reported again.
        case mistaken
    }

    init(position: Position, content: Content) {
        self.position = position
        self.content = content
    }

    /// A node for a value from elsewhere, as if it were written at `position`.
    init(_ value: JSONValue, at position: Position) {
        self.position = position
        switch value {
        case .array(let values): content = .list(values.map { SyntaxNode($0, at: position) })
        case .object(let table):
            content = .table(
                table.sorted { $0.key < $1.key }.map {
                    SyntaxEntry(
                        key: $0.key, position: position, node: SyntaxNode($0.value, at: position))
                })
        case .string(let text): content = .scalar(value, spelling: text)
        default: content = .scalar(value, spelling: value.canonical)
        }
    }

    var value: JSONValue {
        switch content {
        case .scalar(let value, _): value
        case .list(let nodes): .array(nodes.map(\.value))
        case .table(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.node.value) }) { first, _ in first })
        case .mistaken: .null
        }
    }

    var text: String? {
        guard case .scalar(.string(let text), _) = content else { return nil }
        return text
    }

    /// The spelling of a scalar; empty for lists and tables.
    var spelling: String {
        guard case .scalar(_, let spelling) = content else { return "" }
        return spelling
    }

    /// The value as part of a text, with the spelling of numbers; `nil` for lists, tables and null.
    package var inText: String? {
        switch content {
        case .scalar(.integer, let spelling), .scalar(.number, let spelling): spelling
        default: value.inText
        }
    }

    /// The node as if it were written at `position`.
    func copy(at position: Position) -> SyntaxNode {
        guard case .list(let nodes) = content else {
            return SyntaxNode(position: position, content: content)
        }
        let copies = nodes.map { $0.copy(at: position) }
        return SyntaxNode(position: position, content: .list(copies))
    }

    /// The node with positions in another file.
    func placed(in file: Int) -> SyntaxNode {
        let content: Content =
            switch self.content {
            case .scalar, .mistaken: self.content
            case .list(let nodes): .list(nodes.map { $0.placed(in: file) })
            case .table(let entries):
                .table(
                    entries.map {
                        SyntaxEntry(
                            key: $0.key, position: $0.position.placed(in: file),
                            node: $0.node.placed(in: file))
                    })
            }
        return SyntaxNode(position: position.placed(in: file), content: content)
    }

    /// Whether the value is null, or an empty list or table.
    var isEmpty: Bool {
        switch content {
        case .scalar(let value, _): value == .null
        case .list(let nodes): nodes.isEmpty
        case .table(let entries): entries.isEmpty
        case .mistaken: false
        }
    }

    var isNull: Bool {
        guard case .scalar(.null, _) = content else { return false }
        return true
    }

    var isMistaken: Bool {
        guard case .mistaken = content else { return false }
        return true
    }

    /// The number of nested levels, including the node itself.
    var height: Int {
        switch content {
        case .scalar, .mistaken: 1
        case .list(let nodes): 1 + (nodes.lazy.map(\.height).max() ?? 0)
        case .table(let entries): 1 + (entries.lazy.map(\.node.height).max() ?? 0)
        }
    }

    /// A summary for messages: `a list`, `the text "abc"`, `3`.
    var summary: String { value.summary }
}

/// One `key: node` of a table.
struct SyntaxEntry: Sendable {
    let key: String
    /// Of the key.
    let position: Position
    let node: SyntaxNode
}

extension JSONValue {
    /// For messages: `a list`, `the text "abc"`, `3`.
    var summary: String {
        switch self {
        case .null: "nothing"
        case .bool, .integer, .number: "`\(canonical)`"
        case .string(let text) where text.count <= 60: "the text \(canonical)"
        case .string: "a long text"
        case .array: "a list"
        case .object: "a table"
        }
    }

    /// The value as part of a text; `nil` for lists and tables.
    package var inText: String? {
        switch self {
        case .string(let text): text
        case .null, .array, .object: nil
        default: canonical
        }
    }
}
