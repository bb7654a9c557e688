import Foundation

extension Value: Decodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        /// `nil` if something else stands here.
        func read<Part: Decodable>(_ type: Part.Type) -> Part? {
            do {
                return try container.decode(type)
            } catch {
                return nil
            }
        }
        if container.decodeNil() {
            self = .null
        } else if let flag = read(Bool.self) {
            self = .flag(flag)
        } else if let integer = read(Int.self) {
            self = .integer(integer)
        } else if let number = read(Double.self) {
            self = .number(number)
        } else if let text = read(String.self) {
            self = .text(text)
        } else if let list = read([Value].self) {
            self = .list(list)
        } else {
            self = .table(try container.decode([String: Value].self))
        }
    }

    /// The value that a JSON text spells; `nil` if it spells none.
    package init?(json: String) {
        do {
            self = try JSONDecoder().decode(Value.self, from: Data(json.utf8))
        } catch {
            return nil
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
                    "\(deeper)\(Value.text($0.key).canonical): \($0.value.indented(by: deeper))"
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
