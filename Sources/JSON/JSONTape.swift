import Foundation

/// A parsed and validated JSON value: the positions of its parts in the text, in order. Values are created on
/// request.
package final class JSONTape {
    package enum Kind: UInt8 {
        case null
        case bool
        case number
        case string
        case array
        case object
        /// The name of a member; its value is the next part.
        case name
    }

    struct Node {
        let kind: Kind
        var hasEscapes = false
        /// The offset of the first byte; for strings and names, the one after the quotation mark.
        let start: UInt32
        /// The length without quotation marks; for arrays and objects, the number of elements or members.
        var count: UInt32 = 0
        /// The part after this one and all its descendants; 0 while it is unknown.
        var next: UInt32
    }

    let nodes: [Node]
    private let text: UnsafeRawBufferPointer

    /// The default limit of the number of values.
    package static let valueLimit = 1 << 19

    /// The maximum length of a text, limited by the offsets of parts.
    private static let lengthLimit = Int(UInt32.max)

    /// Parses `text`, which must be valid UTF-8, outlive this object and hold one value. Throws a `JSONMistake`
    /// if it does not, if a name occurs twice in an object, or if a number is out of the range of doubles.
    package init(
        _ text: UnsafeRawBufferPointer, values: Int = valueLimit, expecting parts: Int = 0
    ) throws(JSONMistake) {
        var reader = JSONReader(text, values: values)
        var builder = Builder(text, expecting: parts)
        do throws(JSONFault) {
            guard text.count <= Self.lengthLimit else {
                throw reader.fault(.tooManyValues(limit: values))
            }
            guard !text.starts(with: [0xEF, 0xBB, 0xBF]) else { throw reader.fault(.byteOrderMark) }
            try builder.value(&reader, .textEnd)
            try reader.finish()
        } catch {
            throw JSONMistake(error, field: builder.field(of: error), in: reader)
        }
        nodes = builder.nodes
        self.text = text
    }

    /// Parses the next value of `reader`.
    init(_ reader: inout JSONReader) throws(JSONFault) {
        let text = reader.text
        var builder = Builder(text, expecting: 0)
        try builder.value(&reader, .textEnd)
        nodes = builder.nodes
        self.text = text
    }

    /// Throws unless `text`, which must be valid UTF-8, is one JSON value.
    package static func check(_ text: UnsafeRawBufferPointer) throws(JSONMistake) {
        _ = try JSONTape(text)
    }

    // MARK: - Parts

    /// The kind of a part. Parts are numbered; 0 is the whole value.
    package func kind(_ node: Int) -> Kind { nodes[node].kind }

    /// The part after this one and all its descendants.
    package func next(_ node: Int) -> Int { Int(nodes[node].next) }

    /// The number of elements or members of an array or object.
    package func count(_ node: Int) -> Int { Int(nodes[node].count) }

    /// The value of a `bool`.
    package func bool(_ node: Int) -> Bool { text[Int(nodes[node].start)] == UInt8(ascii: "t") }

    /// The string or name.
    package func string(_ node: Int) -> JSONString {
        JSONString(raw: bytes(node), hasEscapes: nodes[node].hasEscapes)
    }

    /// Whether the name of a member equals `name`.
    func hasName(_ node: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !nodes[node].hasEscapes else {
            return JSONEscapes.without(bytes(node)).elementsEqual(name)
        }
        guard nodes[node].count == name.count, let expected = name.baseAddress,
            let start = text.baseAddress
        else { return nodes[node].count == name.count }
        return memcmp(start + Int(nodes[node].start), expected, name.count) == 0
    }

    /// The bytes of a number.
    func bytes(_ node: Int) -> UnsafeRawBufferPointer { Self.bytes(nodes[node], in: text) }

    /// The value of a `number`.
    package func number(_ node: Int) -> JSONNumber {
        let bytes = bytes(node).bindMemory(to: UInt8.self)
        guard var next = bytes.baseAddress, let number = JSONNumber(&next, end: next + bytes.count)
        else { return .real(.nan) }
        return number
    }

    private static func bytes(_ node: Node, in text: UnsafeRawBufferPointer)
        -> UnsafeRawBufferPointer
    {
        let start = Int(node.start)
        return UnsafeRawBufferPointer(rebasing: text[start..<(start + Int(node.count))])
    }

    /// The path of a part: names, and indices of elements.
    func path(to node: Int) -> [JSONPathKey] {
        var path: [JSONPathKey] = []
        var around = 0
        while around < node {
            let isArray = nodes[around].kind == .array
            var (place, index) = (around + 1, 0)
            while next(place) <= node {
                place = next(place)
                index += 1
            }
            path.append(isArray ? JSONPathKey(index) : JSONPathKey(string(place).text))
            around = isArray ? place : place + 1
        }
        return path
    }

    // MARK: - Reading

    private struct Builder {
        var nodes: [Node] = []
        let text: UnsafeRawBufferPointer

        init(_ text: UnsafeRawBufferPointer, expecting parts: Int) {
            self.text = text
            nodes.reserveCapacity(max(parts, 16))
        }

        private mutating func append(
            _ kind: Kind, _ start: Int, _ count: Int = 0, hasEscapes: Bool = false
        ) {
            nodes.append(
                Node(
                    kind: kind, hasEscapes: hasEscapes, start: UInt32(truncatingIfNeeded: start),
                    count: UInt32(truncatingIfNeeded: count),
                    next: UInt32(truncatingIfNeeded: nodes.count + 1)))
        }

        /// Parses one value, which `following` may follow.
        mutating func value(
            _ reader: inout JSONReader, _ following: JSONFault.Following
        ) throws(JSONFault) {
            try reader.countValue()
            reader.skipBlanks()
            let start = reader.offset
            switch reader.byte {
            case UInt8(ascii: "\""):
                let string = try reader.rawString()
                append(.string, start + 1, string.raw.count, hasEscapes: string.hasEscapes)
            case UInt8(ascii: "{"): try object(&reader)
            case UInt8(ascii: "["): try array(&reader)
            case UInt8(ascii: "t"):
                try reader.word("true")
                append(.bool, start)
            case UInt8(ascii: "f"):
                try reader.word("false")
                append(.bool, start)
            case UInt8(ascii: "n"):
                try reader.word("null")
                append(.null, start)
            default: try number(&reader, following)
            }
        }

        private mutating func number(
            _ reader: inout JSONReader, _ following: JSONFault.Following
        ) throws(JSONFault) {
            let start = reader.offset
            let isBounded = try reader.skipBoundedNumber()
            if JSONReader.isWord(reader.byte) {
                throw JSONFault(.longWord(next: following), at: start)
            }
            append(.number, start, reader.offset - start)
            guard !isBounded else { return }
            guard
                Double(String(decoding: reader.bytes(from: start), as: UTF8.self))?.isFinite == true
            else {
                nodes.removeLast()
                throw JSONFault(.tooLargeNumber, at: start)
            }
        }

        private mutating func array(_ reader: inout JSONReader) throws(JSONFault) {
            let place = nodes.count
            let start = reader.offset
            try reader.enter()
            append(.array, start)
            nodes[place].next = 0
            var count = 0
            if !reader.take(UInt8(ascii: "]")) {
                repeat {
                    try value(&reader, .listEnd)
                    count += 1
                } while reader.take(UInt8(ascii: ","))
                guard reader.take(UInt8(ascii: "]")) else { throw reader.fault(.listEnd) }
            }
            close(place, count)
            reader.leave()
        }

        private mutating func object(_ reader: inout JSONReader) throws(JSONFault) {
            let place = nodes.count
            let start = reader.offset
            try reader.enter()
            append(.object, start)
            nodes[place].next = 0
            var count = 0
            var known: Set<[UInt8]>?
            if !reader.take(UInt8(ascii: "}")) {
                repeat {
                    reader.skipBlanks()
                    guard reader.byte == UInt8(ascii: "\"") else { throw reader.fault(.name) }
                    let start = reader.offset
                    let name = try reader.rawString()
                    guard isNew(name, in: place, count, &known) else {
                        throw JSONFault(.repeatedName(length: name.raw.count), at: start)
                    }
                    guard reader.take(UInt8(ascii: ":")) else { throw reader.fault(.colon) }
                    let member = nodes.count
                    append(.name, start + 1, name.raw.count, hasEscapes: name.hasEscapes)
                    nodes[member].next = 0
                    try value(&reader, .objectEnd)
                    nodes[member].next = UInt32(truncatingIfNeeded: nodes.count)
                    count += 1
                } while reader.take(UInt8(ascii: ","))
                guard reader.take(UInt8(ascii: "}")) else { throw reader.fault(.objectEnd) }
            }
            close(place, count)
            reader.leave()
        }

        private mutating func close(_ place: Int, _ count: Int) {
            nodes[place].count = UInt32(truncatingIfNeeded: count)
            nodes[place].next = UInt32(truncatingIfNeeded: nodes.count)
        }

        /// Whether the object at `place` does not have this name among its first `count` members. Larger
        /// objects keep their names in a set, so that the time per member is constant.
        private func isNew(
            _ name: JSONString, in place: Int, _ count: Int, _ known: inout Set<[UInt8]>?
        ) -> Bool {
            if known == nil {
                guard count >= 16 else { return !members(place).contains { isSame($0, name) } }
                known = Set(members(place).map { JSONEscapes.without($0.raw) })
            }
            return known?.insert(JSONEscapes.without(name.raw)).inserted ?? true
        }

        private func members(_ object: Int) -> some Sequence<JSONString> {
            sequence(state: object + 1) { [self] place -> JSONString? in
                guard place < nodes.count else { return nil }
                let node = nodes[place]
                place = Int(node.next)
                return JSONString(raw: JSONTape.bytes(node, in: text), hasEscapes: node.hasEscapes)
            }
        }

        private func isSame(_ one: JSONString, _ other: JSONString) -> Bool {
            if one.hasEscapes || other.hasEscapes {
                return JSONEscapes.without(one.raw) == JSONEscapes.without(other.raw)
            }
            guard one.raw.count == other.raw.count else { return false }
            guard let first = one.raw.baseAddress, let second = other.raw.baseAddress else {
                return true
            }
            return memcmp(first, second, one.raw.count) == 0
        }

        /// The path of the innermost field that was being parsed when the fault occurred.
        func field(of fault: JSONFault) -> String {
            var parts: [String] = []
            var place = 0
            while place < nodes.count, nodes[place].next == 0 {
                let isArray = nodes[place].kind == .array
                place += 1
                var index = 0
                while place < nodes.count, nodes[place].next != 0 {
                    place = Int(nodes[place].next)
                    index += 1
                }
                if isArray {
                    parts.append("\(index)")
                } else if place < nodes.count {
                    parts.append(JSONMistake.short(JSONTape.bytes(nodes[place], in: text)))
                    place += 1
                }
            }
            // If a list does not end, the list itself is wrong and not its next element.
            if fault.kind == .listEnd { parts.removeLast() }
            return parts.joined(separator: ".")
        }
    }
}
