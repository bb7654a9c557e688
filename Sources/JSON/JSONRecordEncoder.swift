/// Encodes records. The output is written immediately, so a type must finish one container before it continues with the
/// enclosing one.
package struct JSONRecordEncoder: Encoder {
    package enum Format: Hashable, Sendable {
        /// Fields are in declared order, and `nil` and non-finite numbers are `null`.
        case record
        /// As records, but infinite numbers are the strings `inf` and `-inf`.
        case report
        /// Fields are sorted by name and omitted if they are `nil`, whole numbers have no fraction, and non-finite
        /// numbers are the strings `inf`, `-inf` and `nan`. Equal values give equal bytes.
        case canonical

        fileprivate var writer: JSONWriter {
            switch self {
            case .record: JSONWriter(escapes: [.short, .lineEnds])
            case .report: JSONWriter(escapes: [.short, .lineEnds], numbers: .infinities)
            case .canonical:
                JSONWriter(escapes: [.short, .rare], numbers: [.infinities, .nan, .whole])
            }
        }
    }

    package var codingPath: [any CodingKey] { [] }
    package var userInfo: [CodingUserInfoKey: Any] { [:] }
    fileprivate let output: Output

    /// The number of containers that are open around the value.
    fileprivate let level: Int

    /// The output, and the containers that are open.
    fileprivate final class Output {
        let format: Format
        var writer: JSONWriter

        /// The closing brackets of the open containers.
        private(set) var open: [UInt8] = []

        /// The members of the open containers, which are sorted at the end of an object. Lists have none.
        private var members: [[(name: String, start: Int)]] = []

        init(_ format: Format) {
            self.format = format
            writer = format.writer
        }

        func begin(_ bracket: UInt8) {
            writer.append(bracket)
            open.append(bracket + 2)
            members.append([])
        }

        func close(to level: Int) {
            while let bracket = open.last, open.count > level {
                if let members = members.popLast() { writer.sort(members) }
                writer.append(bracket)
                open.removeLast()
            }
        }

        /// Begins a member of the object at nesting level `level`.
        func begin(_ name: String, at level: Int) {
            separate(at: level)
            if format == .canonical { members[level - 1].append((name, writer.bytes.count)) }
            writer.quote(name)
            writer.append(UInt8(ascii: ":"))
        }

        /// Begins an element or member of the container at nesting level `level`.
        func separate(at level: Int) {
            close(to: level)
            writer.separate()
        }
    }

    /// Appends the JSON of `value` to `bytes`. Records are plain values, so an encoding error is a programming
    /// error.
    package static func encode(
        _ value: some Encodable, to bytes: inout [UInt8], as format: Format = .record
    ) {
        let output = Output(format)
        do {
            try JSONRecordEncoder(output: output, level: 0).encode(value)
        } catch {
            preconditionFailure("a record of type \(type(of: value)) cannot be encoded: \(error)")
        }
        bytes += output.writer.bytes
    }

    /// Encodes common types directly, which avoids a container for every number of a list.
    fileprivate func encode<Value: Encodable>(_ value: Value) throws {
        // Comparing types is much faster than trying casts.
        let type = Value.self
        if type == String.self, let string = value as? String { return output.writer.quote(string) }
        if type == Int.self, let integer = value as? Int {
            return output.writer.append(String(integer))
        }
        if type == Double.self, let number = value as? Double {
            return output.writer.append(number)
        }
        if type == [Int].self, let list = value as? [Int] {
            return encode(list) { $0.append(String($1)) }
        }
        if type == [Int32].self, let list = value as? [Int32] {
            return encode(list) { $0.append(String($1)) }
        }
        if type == [Float].self, let list = value as? [Float] {
            return encode(list) { $0.append($1) }
        }
        if type == [Double].self, let list = value as? [Double] {
            return encode(list) { $0.append($1) }
        }
        let start = output.writer.bytes.count
        try value.encode(to: self)
        output.close(to: level)
        if output.writer.bytes.count == start { output.writer.append("{}") }
    }

    private func encode<Element>(
        _ list: [Element], _ element: (inout JSONWriter, Element) -> Void
    ) {
        output.writer.append(UInt8(ascii: "["))
        for value in list {
            output.writer.separate()
            element(&output.writer, value)
        }
        output.writer.append(UInt8(ascii: "]"))
    }

    package func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if output.open.count == level { output.begin(UInt8(ascii: "{")) }
        return KeyedEncodingContainer(Fields<Key>(output: output, level: level + 1))
    }

    package func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if output.open.count == level { output.begin(UInt8(ascii: "[")) }
        return Elements(output: output, level: level + 1)
    }

    package func singleValueContainer() -> any SingleValueEncodingContainer {
        Single(encoder: self)
    }

    /// Writes a value, with the members of objects sorted by name.
    func write(_ value: JSONValue) {
        switch value {
        case .null: output.writer.append("null")
        case .bool(let flag): output.writer.append(flag)
        case .integer(let integer): output.writer.append(String(integer))
        case .number(let number): output.writer.append(number)
        case .string(let string): output.writer.quote(string)
        case .array(let elements):
            output.writer.append(UInt8(ascii: "["))
            for element in elements {
                output.writer.separate()
                write(element)
            }
            output.writer.append(UInt8(ascii: "]"))
        case .object(let members):
            output.writer.append(UInt8(ascii: "{"))
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                output.writer.separate()
                output.writer.quote(name)
                output.writer.append(UInt8(ascii: ":"))
                write(value)
            }
            output.writer.append(UInt8(ascii: "}"))
        }
    }

    fileprivate static func refuseSuper() -> Never {
        preconditionFailure("records are values, which have no superclass to encode")
    }
}

private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    var codingPath: [any CodingKey] { [] }
    let output: JSONRecordEncoder.Output
    let level: Int

    private func begin(_ key: Key) { output.begin(key.stringValue, at: level) }

    private func encode(ifPresent value: (some Encodable)?, _ key: Key) throws {
        if value == nil, output.format == .canonical { return }
        begin(key)
        guard let value else { return output.writer.append("null") }
        try JSONRecordEncoder(output: output, level: level).encode(value)
    }

    func encodeNil(forKey key: Key) {
        begin(key)
        output.writer.append("null")
    }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        try encode(ifPresent: value, key)
    }

    func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) throws {
        try encode(ifPresent: value, key)
    }

    func encodeIfPresent(_ value: String?, forKey key: Key) throws {
        try encode(ifPresent: value, key)
    }

    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws {
        try encode(ifPresent: value, key)
    }

    func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
        try encode(ifPresent: value, key)
    }

    func encodeIfPresent(_ value: Double?, forKey key: Key) throws {
        try encode(ifPresent: value, key)
    }

    func encodeIfPresent(_ value: Float?, forKey key: Key) throws {
        try encode(ifPresent: value, key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        begin(key)
        return JSONRecordEncoder(output: output, level: level).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        begin(key)
        return JSONRecordEncoder(output: output, level: level).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { JSONRecordEncoder.refuseSuper() }

    func superEncoder(forKey key: Key) -> any Encoder { JSONRecordEncoder.refuseSuper() }
}

private struct Elements: UnkeyedEncodingContainer {
    var codingPath: [any CodingKey] { [] }
    private(set) var count = 0
    let output: JSONRecordEncoder.Output
    let level: Int

    init(output: JSONRecordEncoder.Output, level: Int) {
        self.output = output
        self.level = level
    }

    private mutating func begin() -> JSONRecordEncoder {
        count += 1
        output.separate(at: level)
        return JSONRecordEncoder(output: output, level: level)
    }

    mutating func encodeNil() { begin().output.writer.append("null") }

    mutating func encode(_ value: some Encodable) throws { try begin().encode(value) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> { begin().container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        begin().unkeyedContainer()
    }

    func superEncoder() -> any Encoder { JSONRecordEncoder.refuseSuper() }
}

private struct Single: SingleValueEncodingContainer {
    var codingPath: [any CodingKey] { [] }
    let encoder: JSONRecordEncoder

    func encodeNil() { encoder.output.writer.append("null") }
    func encode(_ value: String) { encoder.output.writer.quote(value) }
    func encode(_ value: Bool) { encoder.output.writer.append(value) }
    func encode(_ value: Double) { encoder.output.writer.append(value) }
    func encode(_ value: Float) { encoder.output.writer.append(value) }
    func encode(_ value: Int) { integer(value) }
    func encode(_ value: Int8) { integer(value) }
    func encode(_ value: Int16) { integer(value) }
    func encode(_ value: Int32) { integer(value) }
    func encode(_ value: Int64) { integer(value) }
    func encode(_ value: UInt) { integer(value) }
    func encode(_ value: UInt8) { integer(value) }
    func encode(_ value: UInt16) { integer(value) }
    func encode(_ value: UInt32) { integer(value) }
    func encode(_ value: UInt64) { integer(value) }
    func encode(_ value: some Encodable) throws { try encoder.encode(value) }

    private func integer(_ value: some BinaryInteger) {
        encoder.output.writer.append(String(value))
    }
}
