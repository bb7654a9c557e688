import JSON

extension Value: Decodable {
    /// Only a `JSONRecordDecoder` does it. Throws for what no `Value` can be read from.
    package init(from decoder: any Decoder) throws {
        guard let part = decoder as? JSONPartDecoder else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "not a decoder of records"))
        }
        self.init(part.tape, part.node)
    }

    /// The value that a JSON text spells; `nil` if it spells none, or one of more than 64 levels.
    package init?(json: String) {
        var json = json
        do {
            self = try json.withUTF8 {
                Value(try JSONTape(UnsafeRawBufferPointer($0), values: .max), 0)
            }
        } catch {
            return nil
        }
    }

    private init(_ tape: JSONTape, _ node: Int) {
        switch tape.kind(node) {
        case .null: self = .null
        case .bool: self = .flag(tape.bool(node))
        case .number:
            switch tape.number(node) {
            case .integer(let integer): self = .integer(Int(integer))
            case .real(let real): self = .number(real)
            }
        case .string, .name: self = .text(tape.string(node).text)
        case .array:
            var values: [Value] = []
            values.reserveCapacity(tape.count(node))
            tape.forEachElement(node) { values.append(Value(tape, $0)) }
            self = .list(values)
        case .object:
            var members: [String: Value] = [:]
            members.reserveCapacity(tape.count(node))
            tape.forEachElement(node) { members[tape.string($0).text] = Value(tape, $0 + 1) }
            self = .table(members)
        }
    }

    package subscript(key: String) -> Value? {
        guard case .table(let table) = self else { return nil }
        return table[key]
    }

    /// JSON for people: one member a line, keys sorted, two blanks a level.
    package var indented: String { indented(by: "") }

    private func indented(by indent: String) -> String {
        let deeper = indent + "  "
        switch self {
        case .list(let values) where values.contains { $0.isNested }:
            return "[\n"
                + values.map { deeper + $0.indented(by: deeper) }.joined(separator: ",\n")
                + "\n\(indent)]"
        case .table(let table) where !table.isEmpty:
            return "{\n"
                + table.sorted { $0.key < $1.key }.map {
                    "\(deeper)\(JSONWriter.quote($0.key)): \($0.value.indented(by: deeper))"
                }.joined(separator: ",\n") + "\n\(indent)}"
        default: return canonical
        }
    }

    private var isNested: Bool {
        switch self {
        case .list, .table: true
        default: false
        }
    }
}
