/// Decodes a part of a JSON text.
package struct JSONPartDecoder: Decoder, SingleValueDecodingContainer {
    package let tape: JSONTape
    package let node: Int
    let readsNonFinite: Bool

    package var userInfo: [CodingUserInfoKey: Any] { [:] }
    package var codingPath: [any CodingKey] { path }

    /// Computed only for errors.
    private var path: [JSONPathKey] { tape.path(to: node) }

    func at(_ node: Int) -> JSONPartDecoder {
        JSONPartDecoder(tape: tape, node: node, readsNonFinite: readsNonFinite)
    }

    private func wrong(_ type: any Any.Type) -> JSONMismatch { .wrong(type, path) }

    private func unfit() -> JSONMismatch {
        let number = String(decoding: tape.bytes(node).prefix(60), as: UTF8.self)
        return .unfitNumber(field: JSONPathKey.text(path), number: number)
    }

    // MARK: - Containers

    package func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        guard tape.kind(node) == .object else { throw wrong([String: Any].self) }
        return KeyedDecodingContainer(Members<Key>(self))
    }

    package func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard tape.kind(node) == .array else { throw wrong([Any].self) }
        return Elements(self)
    }

    package func singleValueContainer() -> any SingleValueDecodingContainer { self }

    package func decodeNil() -> Bool { tape.kind(node) == .null }

    /// Decodes common types directly, which avoids a container for every number of a list.
    package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        func result(_ value: some Any) throws -> Value {
            guard let value = value as? Value else { throw wrong(type) }
            return value
        }
        if type == String.self { return try result(string()) }
        if type == Int.self { return try result(integer(Int.self)) }
        if type == Double.self { return try result(double()) }
        if type == [Int32].self { return try result(elements { try $0.integer(Int32.self) }) }
        if type == [Int].self { return try result(elements { try $0.integer(Int.self) }) }
        if type == [Float].self { return try result(elements { try $0.float() }) }
        if type == [Double].self { return try result(elements { try $0.double() }) }
        if type == [String].self { return try result(elements { try $0.string() }) }
        return try Value(from: self)
    }

    private func elements<Element>(
        _ element: (JSONPartDecoder) throws -> Element
    ) throws -> [Element] {
        guard tape.kind(node) == .array else { throw wrong([Any].self) }
        var elements: [Element] = []
        elements.reserveCapacity(tape.count(node))
        var place = node + 1
        for _ in 0..<tape.count(node) {
            elements.append(try element(at(place)))
            place = tape.next(place)
        }
        return elements
    }

    // MARK: - Values

    package func decode(_ type: Bool.Type) throws -> Bool {
        guard tape.kind(node) == .bool else { throw wrong(type) }
        return tape.bool(node)
    }

    package func decode(_ type: String.Type) throws -> String { try string() }
    package func decode(_ type: Double.Type) throws -> Double { try double() }
    package func decode(_ type: Float.Type) throws -> Float { try float() }
    package func decode(_ type: Int.Type) throws -> Int { try integer(type) }
    package func decode(_ type: Int8.Type) throws -> Int8 { try integer(type) }
    package func decode(_ type: Int16.Type) throws -> Int16 { try integer(type) }
    package func decode(_ type: Int32.Type) throws -> Int32 { try integer(type) }
    package func decode(_ type: Int64.Type) throws -> Int64 { try integer(type) }
    package func decode(_ type: UInt.Type) throws -> UInt { try integer(type) }
    package func decode(_ type: UInt8.Type) throws -> UInt8 { try integer(type) }
    package func decode(_ type: UInt16.Type) throws -> UInt16 { try integer(type) }
    package func decode(_ type: UInt32.Type) throws -> UInt32 { try integer(type) }
    package func decode(_ type: UInt64.Type) throws -> UInt64 { try integer(type) }

    private func string() throws -> String {
        guard tape.kind(node) == .string else { throw wrong(String.self) }
        return tape.string(node).text
    }

    private func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
        guard tape.kind(node) == .number else { throw wrong(type) }
        if case .integer(let integer) = tape.number(node) {
            guard let value = Integer(exactly: integer) else { throw unfit() }
            return value
        }
        let bytes = tape.bytes(node)
        if let value = JSONNumber.whole(bytes).flatMap({ Integer(exactly: $0) }) { return value }
        // For unsigned 64-bit integers.
        guard let value = Integer(String(decoding: bytes, as: UTF8.self)) else { throw unfit() }
        return value
    }

    private func double() throws -> Double {
        guard tape.kind(node) == .number else { return try nonFinite(Double.self) }
        return number
    }

    private func float() throws -> Float {
        guard tape.kind(node) == .number else { return try Float(nonFinite(Float.self)) }
        let value = number
        // Halfway cases and values outside the normal range must not be rounded twice.
        let isBetween = value.bitPattern & 0x1FFF_FFFF == 0x1000_0000
        if !isBetween, value == 0 || 1e-37...3e38 ~= abs(value) { return Float(value) }
        let float = Float(String(decoding: tape.bytes(node), as: UTF8.self))
        guard let float, float.isFinite else { throw unfit() }
        return float
    }

    private var number: Double {
        let value = tape.number(node).value
        // An integer `-0` has no sign.
        return value == 0 && tape.bytes(node).first == UInt8(ascii: "-") ? -0.0 : value
    }

    /// Throws unless the part is a string that denotes a non-finite number.
    private func nonFinite(_ type: any Any.Type) throws -> Double {
        guard readsNonFinite, tape.kind(node) == .string else { throw wrong(type) }
        switch tape.string(node).text {
        case "inf": return .infinity
        case "-inf": return -.infinity
        case "nan": return .nan
        default: throw wrong(type)
        }
    }
}

/// The members of an object. A class, because it remembers the position of the last one: fields are mostly
/// requested in the order in which they are written.
private final class Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let decoder: JSONPartDecoder
    private var last: Int

    init(_ decoder: JSONPartDecoder) {
        self.decoder = decoder
        last = decoder.node + 1
    }

    var codingPath: [any CodingKey] { decoder.codingPath }

    var allKeys: [Key] {
        var keys: [Key] = []
        decoder.tape.forEachElement(decoder.node) { name in
            if let key = Key(stringValue: decoder.tape.string(name).text) { keys.append(key) }
        }
        return keys
    }

    /// Finds the value of a member.
    private func find(_ key: Key) -> JSONPartDecoder? {
        let tape = decoder.tape
        var name = key.stringValue
        return name.withUTF8 { name in
            let end = tape.next(decoder.node)
            var place = last
            for _ in 0..<tape.count(decoder.node) {
                if place >= end { place = decoder.node + 1 }
                if tape.hasName(place, name) {
                    last = place
                    return decoder.at(place + 1)
                }
                place = tape.next(place)
            }
            return nil
        }
    }

    private func member(_ key: Key) throws -> JSONPartDecoder {
        guard let member = find(key) else {
            let path = decoder.codingPath + [key]
            throw JSONMismatch.missing(field: JSONPathKey.text(path))
        }
        return member
    }

    private func present(_ key: Key) -> JSONPartDecoder? {
        guard let member = find(key), !member.decodeNil() else { return nil }
        return member
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try member(key).decode(type)
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try member(key).decode(type)
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try present(key)?.decode(type)
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try present(key)?.decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try member(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try member(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { decoder }

    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }
}

private struct Elements: UnkeyedDecodingContainer {
    private let decoder: JSONPartDecoder
    private var place: Int
    private(set) var currentIndex = 0

    init(_ decoder: JSONPartDecoder) {
        self.decoder = decoder
        place = decoder.node + 1
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { decoder.tape.count(decoder.node) }
    var isAtEnd: Bool { currentIndex >= decoder.tape.count(decoder.node) }

    private mutating func next() throws -> JSONPartDecoder {
        guard !isAtEnd else {
            let path = decoder.codingPath + [JSONPathKey(currentIndex)]
            throw JSONMismatch.missing(field: JSONPathKey.text(path))
        }
        defer {
            place = decoder.tape.next(place)
            currentIndex += 1
        }
        return decoder.at(place)
    }

    mutating func decodeNil() -> Bool {
        guard !isAtEnd, decoder.at(place).decodeNil() else { return false }
        place = decoder.tape.next(place)
        currentIndex += 1
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool { try next().decode(type) }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try next().decode(type)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { try next().container(keyedBy: type) }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try next().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder { try next() }
}
