/// Encodes a record with its fields in declared order and `nil` as `null`: Foundation's encoder
/// leaves `nil` out, sorts fields or none, and refuses numbers that are not finite.
struct RecordEncoder: Encoder {
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    fileprivate let place = Place()

    /// Where a value that is being encoded ends up.
    fileprivate final class Place {
        var node: RecordNode?
    }

    /// A record's JSON. Records are plain values: one that refuses to be encoded is a bug.
    static func node(of value: some Encodable) -> RecordNode {
        do {
            return try node(encoding: value)
        } catch {
            preconditionFailure("a record of type \(type(of: value)) cannot be encoded: \(error)")
        }
    }

    fileprivate static func node(encoding value: some Encodable) throws -> RecordNode {
        let encoder = RecordEncoder()
        try value.encode(to: encoder)
        return encoder.place.node ?? .object(RecordNode.Object())
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Fields<Key>(object: startObject()))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        Elements(list: startList())
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { Single(place: place) }

    fileprivate static func refuseSuper() -> Never {
        preconditionFailure("records are values, which have no superclass to encode")
    }

    private func startObject() -> RecordNode.Object {
        if case .object(let object)? = place.node { return object }
        let object = RecordNode.Object()
        place.node = .object(object)
        return object
    }

    private func startList() -> RecordNode.List {
        if case .list(let list)? = place.node { return list }
        let list = RecordNode.List()
        place.node = .list(list)
        return list
    }
}

extension RecordNode {
    /// Common values directly, which spares an encoder for every number of a list.
    fileprivate init(encoding value: some Encodable) throws {
        switch value {
        case let text as String: self = .text(text)
        case let integer as Int: self = .literal(String(integer))
        case let number as Double: self = .number(number)
        case let number as Float: self = .number(number)
        case let flag as Bool: self = .flag(flag)
        default: self = try RecordEncoder.node(encoding: value)
        }
    }
}

private struct Fields<Key: CodingKey>: KeyedEncodingContainerProtocol {
    var codingPath: [any CodingKey] { [] }
    let object: RecordNode.Object

    func encodeNil(forKey key: Key) { set(.null, key) }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        set(try RecordNode(encoding: value), key)
    }

    func encodeIfPresent(_ value: (some Encodable)?, forKey key: Key) throws {
        set(try value.map { try RecordNode(encoding: $0) } ?? .null, key)
    }

    func encodeIfPresent(_ value: String?, forKey key: Key) {
        set(value.map(RecordNode.text) ?? .null, key)
    }

    func encodeIfPresent(_ value: Bool?, forKey key: Key) {
        set(value.map(RecordNode.flag) ?? .null, key)
    }

    func encodeIfPresent(_ value: Int?, forKey key: Key) {
        set(value.map { .literal(String($0)) } ?? .null, key)
    }

    func encodeIfPresent(_ value: Double?, forKey key: Key) {
        set(value.map { .number($0) } ?? .null, key)
    }

    func encodeIfPresent(_ value: Float?, forKey key: Key) {
        set(value.map { .number($0) } ?? .null, key)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        let nested = RecordNode.Object()
        set(.object(nested), key)
        return KeyedEncodingContainer(Fields<Nested>(object: nested))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        let nested = RecordNode.List()
        set(.list(nested), key)
        return Elements(list: nested)
    }

    func superEncoder() -> any Encoder { RecordEncoder.refuseSuper() }

    func superEncoder(forKey key: Key) -> any Encoder { RecordEncoder.refuseSuper() }

    private func set(_ value: RecordNode, _ key: Key) {
        object.fields.append((key.stringValue, value))
    }
}

private struct Elements: UnkeyedEncodingContainer {
    var codingPath: [any CodingKey] { [] }
    var count: Int { list.elements.count }
    let list: RecordNode.List

    func encodeNil() { list.elements.append(.null) }

    func encode(_ value: some Encodable) throws {
        list.elements.append(try RecordNode(encoding: value))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        let nested = RecordNode.Object()
        list.elements.append(.object(nested))
        return KeyedEncodingContainer(Fields<Nested>(object: nested))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        let nested = RecordNode.List()
        list.elements.append(.list(nested))
        return Elements(list: nested)
    }

    func superEncoder() -> any Encoder { RecordEncoder.refuseSuper() }
}

private struct Single: SingleValueEncodingContainer {
    var codingPath: [any CodingKey] { [] }
    let place: RecordEncoder.Place

    func encodeNil() { place.node = .null }
    func encode(_ value: String) { place.node = .text(value) }
    func encode(_ value: Bool) { place.node = .flag(value) }
    func encode(_ value: Double) { place.node = .number(value) }
    func encode(_ value: Float) { place.node = .number(value) }
    func encode(_ value: Int) { place.node = .literal(String(value)) }
    func encode(_ value: Int8) { place.node = .literal(String(value)) }
    func encode(_ value: Int16) { place.node = .literal(String(value)) }
    func encode(_ value: Int32) { place.node = .literal(String(value)) }
    func encode(_ value: Int64) { place.node = .literal(String(value)) }
    func encode(_ value: UInt) { place.node = .literal(String(value)) }
    func encode(_ value: UInt8) { place.node = .literal(String(value)) }
    func encode(_ value: UInt16) { place.node = .literal(String(value)) }
    func encode(_ value: UInt32) { place.node = .literal(String(value)) }
    func encode(_ value: UInt64) { place.node = .literal(String(value)) }
    func encode(_ value: some Encodable) throws { place.node = try RecordNode(encoding: value) }
}
