extension JSONValue {
    /// The one spelling of this value that cache keys are computed over: JSON without blanks, members sorted by the
    /// UTF-8 bytes of their names, numbers in their shortest form that reads back the same.
    package var canonical: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.append("null")
        case .bool(let bool): writer.append(bool)
        case .integer(let integer): writer.append(String(integer))
        case .number(let number): writer.append(Self.spelling(of: number))
        case .string(let string): writer.quote(string)
        case .array(let elements):
            writer.append(UInt8(ascii: "["))
            for element in elements {
                writer.separate()
                element.write(to: &writer)
            }
            writer.append(UInt8(ascii: "]"))
        case .object(let members):
            writer.append(UInt8(ascii: "{"))
            for (name, value) in members.sorted(by: {
                $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
            }) {
                writer.separate()
                writer.quote(name)
                writer.append(UInt8(ascii: ":"))
                value.write(to: &writer)
            }
            writer.append(UInt8(ascii: "}"))
        }
    }

    /// A whole number is spelled as an integer, so that `1` and `1.0` give one key.
    private static func spelling(of number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }

    /// JSON that is easy to read: one member a line, names sorted, two blanks a level.
    package var indented: String { indented(by: "") }

    private func indented(by indent: String) -> String {
        let deeper = indent + "  "
        switch self {
        case .array(let elements) where elements.contains { $0.isNested }:
            return "[\n"
                + elements.map { deeper + $0.indented(by: deeper) }.joined(separator: ",\n")
                + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            return "{\n"
                + members.sorted { $0.key < $1.key }.map {
                    "\(deeper)\(JSONWriter.quote($0.key)): \($0.value.indented(by: deeper))"
                }.joined(separator: ",\n") + "\n\(indent)}"
        default: return canonical
        }
    }

    private var isNested: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}
