/// Any JSON value; also a value of the pipeline language, which has the same types.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// A 64-bit integer, written without fraction and exponent.
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// How ambiguous numbers are interpreted.
    package struct Reading: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        /// `2.0` and `2e0` are the integer 2.
        package static let wholeNumbers = Reading(rawValue: 1)

        /// An integer that does not fit into 64 bits becomes a string of its digits, so that none is lost.
        package static let digits = Reading(rawValue: 2)
    }

    /// Parses `text`, which must be valid UTF-8. Throws if it is not one JSON value, or if a name occurs twice
    /// in an object.
    package init(
        _ text: UnsafeRawBufferPointer, _ reading: Reading = []
    ) throws(JSONMistake) {
        self = try JSONTape(text).value(0, reading)
    }

    /// The value that `json` spells; `nil` if it spells none, or one of more than 64 levels.
    package init?(json: String) {
        var json = json
        do {
            self = try json.withUTF8 {
                try JSONTape(UnsafeRawBufferPointer($0), values: .max).value(0, [])
            }
        } catch {
            return nil
        }
    }

    /// The member of an object; `nil` for any other value.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    /// The value at `path`, with parts separated by dots, such as `solution.steps.0`. A field whose own name
    /// contains dots takes precedence. `nil` if there is none.
    package func value(at path: String) -> JSONValue? {
        if case .object(let fields) = self, let value = fields[path] { return value }
        for dot in path.indices.reversed() where path[dot] == "." {
            let rest = String(path[path.index(after: dot)...])
            if let value = child(String(path[..<dot]))?.value(at: rest) { return value }
        }
        return child(path)
    }

    private func child(_ name: String) -> JSONValue? {
        switch self {
        case .object(let fields): fields[name]
        case .array(let elements):
            Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
        default: nil
        }
    }
}

// Strings are equal byte by byte: a cache key is the digest of bytes.
extension JSONValue: Hashable {
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): ExactText(left) == ExactText(right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): exact(left) == exact(right)
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let bool): hasher.combine(bool)
        case .integer(let integer): hasher.combine(integer)
        case .number(let number): hasher.combine(number)
        case .string(let string): hasher.combine(ExactText(string))
        case .array(let elements): hasher.combine(elements)
        case .object(let members): hasher.combine(Self.exact(members))
        }
    }

    private static func exact(_ members: [String: JSONValue]) -> [ExactText: JSONValue] {
        Dictionary(members.map { (ExactText($0), $1) }, uniquingKeysWith: { first, _ in first })
    }
}

extension JSONReader {
    /// Parses the next value. Throws as the initializer of `JSONValue` does.
    package mutating func value() throws(JSONFault) -> JSONValue {
        try JSONTape(&self).value(0, [])
    }
}

extension JSONTape {
    func value(_ node: Int, _ reading: JSONValue.Reading) -> JSONValue {
        switch kind(node) {
        case .null: return .null
        case .bool: return .bool(bool(node))
        case .number: return number(node, reading)
        case .string, .name: return .string(string(node).text)
        case .array:
            var elements: [JSONValue] = []
            elements.reserveCapacity(count(node))
            forEachElement(node) { elements.append(value($0, reading)) }
            return .array(elements)
        case .object:
            var members: [String: JSONValue] = [:]
            members.reserveCapacity(count(node))
            forEachElement(node) { members[string($0).text] = value($0 + 1, reading) }
            return .object(members)
        }
    }

    /// Calls `body` with every element of an array, or with the name of every member, which its value follows.
    package func forEachElement(_ node: Int, _ body: (Int) -> Void) {
        var place = node + 1
        for _ in 0..<count(node) {
            body(place)
            place = next(place)
        }
    }

    private func number(_ node: Int, _ reading: JSONValue.Reading) -> JSONValue {
        switch number(node) {
        case .integer(let integer): return .integer(Int(integer))
        case .real(let real):
            if reading.contains(.wholeNumbers), let whole = JSONNumber.whole(bytes(node)) {
                return .integer(whole)
            }
            let isInteger = bytes(node).allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "-") }
            if reading.contains(.digits), isInteger {
                return .string(String(decoding: bytes(node), as: UTF8.self))
            }
            return .number(real)
        }
    }
}

extension JSONValue: Encodable {
    /// Encodes objects with their members sorted by name. Supported only by `JSONRecordEncoder`.
    package func encode(to encoder: any Encoder) throws {
        guard let encoder = encoder as? JSONRecordEncoder else {
            throw EncodingError.invalidValue(
                self,
                EncodingError.Context(
                    codingPath: encoder.codingPath, debugDescription: "not an encoder of records"))
        }
        encoder.write(self)
    }
}

extension JSONValue: Decodable {
    /// Decodes whole numbers as integers however they are written. Supported only by `JSONRecordDecoder`.
    package init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? JSONPartDecoder else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "not a decoder of records"))
        }
        self = decoder.tape.value(decoder.node, .wholeNumbers)
    }
}
