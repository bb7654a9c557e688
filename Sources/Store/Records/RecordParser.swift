import Foundation
import JSON

/// Reads the values of some keys of the JSON object on a line, with the types of SQLite's `->>`. Only texts with
/// escapes are copied.
package struct RecordParser: ~Copyable {
    /// One value per key; null for a missing key. Texts are in the line or the parser, valid until the next line.
    package private(set) var values: [SQLValue.Borrowed]

    /// Whether a key occurred twice or a number overflowed. SQLite accepts such lines, but they are mistakes.
    package private(set) var isDoubtful = false

    private let keys: [[UInt8]]
    private var isKnown: [Bool]
    /// The key that is tried first, because lines usually have the same order of keys.
    private var expected = 0

    /// A buffer for unescaped texts, which are never longer than the escaped ones.
    private var scratch: UnsafeMutablePointer<UInt8>
    private var capacity = 1 << 12
    private var used = 0

    package init(_ keys: [String]) {
        self.keys = keys.map { Array($0.utf8) }
        values = keys.map { _ in .null }
        isKnown = keys.map { _ in false }
        scratch = .allocate(capacity: capacity)
    }

    deinit { scratch.deallocate() }

    /// Parses a line and returns its problem, if there is one. If a key occurs twice, the first value is used.
    package mutating func read(_ line: UnsafeRawBufferPointer) -> String? {
        for place in keys.indices {
            values[place] = .null
            isKnown[place] = false
        }
        used = 0
        isDoubtful = false
        if line.count > capacity {
            scratch.deallocate()
            capacity = max(line.count, 2 * capacity)
            scratch = .allocate(capacity: capacity)
        }
        var reader = JSONReader(line, depth: Self.depthLimit, allowsHalfSurrogates: true)
        do throws(JSONFault) {
            reader.skipBlanks()
            if reader.byte == UInt8(ascii: "{") {
                try readObject(&reader)
            } else {
                try reader.skip()
            }
            try reader.finish()
            return nil
        } catch {
            return error.kind == .wrongPair ? "half of a surrogate pair in a text" : "not JSON"
        }
    }

    /// The maximum depth, as in SQLite.
    private static let depthLimit = 2000

    private mutating func readObject(_ reader: inout JSONReader) throws(JSONFault) {
        _ = reader.take(UInt8(ascii: "{"))
        if reader.take(UInt8(ascii: "}")) { return }
        repeat {
            let place = place(of: try reader.name().raw)
            reader.skipBlanks()
            if let place, !isKnown[place] {
                values[place] = try value(&reader)
                isKnown[place] = true
            } else {
                if place != nil { isDoubtful = true }
                try reader.skip()
            }
        } while reader.take(UInt8(ascii: ","))
        guard reader.take(UInt8(ascii: "}")) else { throw reader.fault(.objectEnd) }
    }

    private mutating func place(of key: UnsafeRawBufferPointer) -> Int? {
        for step in keys.indices {
            let place = (expected + step) % keys.count
            guard keys[place].count == key.count, let start = key.baseAddress,
                memcmp(keys[place], start, key.count) == 0
            else { continue }
            expected = place + 1
            return place
        }
        return nil
    }

    private mutating func value(_ reader: inout JSONReader) throws(JSONFault) -> SQLValue.Borrowed {
        switch reader.byte {
        case UInt8(ascii: "\""):
            let string = try reader.rawString()
            guard string.hasEscapes else { return .text(string.raw) }
            guard let text = unescaped(string.raw) else { throw reader.fault(.wrongPair) }
            return .text(text)
        case UInt8(ascii: "n"):
            try reader.word("null")
            return .null
        case UInt8(ascii: "t"):
            try reader.word("true")
            return .integer(1)
        case UInt8(ascii: "f"):
            try reader.word("false")
            return .integer(0)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let start = reader.offset
            try reader.skip()
            return .text(compact(reader.bytes(from: start)))
        default:
            switch try reader.number() {
            case .integer(let integer): return .integer(integer)
            case .real(let real):
                isDoubtful = isDoubtful || !real.isFinite
                return .real(real)
            }
        }
    }

    /// Removes white space between the parts of JSON.
    private mutating func compact(_ json: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let start = used
        var isInText = false
        var isEscaped = false
        for byte in json {
            if isInText {
                isInText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else {
                if byte <= 32 { continue }
                isInText = byte == UInt8(ascii: "\"")
            }
            append(byte)
        }
        return UnsafeRawBufferPointer(start: scratch + start, count: used - start)
    }

    /// The unescaped content of a valid string; `nil` if an escape is half of a surrogate pair.
    private mutating func unescaped(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let start = used
        let (count, isWhole) = JSONEscapes.decode(bytes, to: scratch + start)
        guard isWhole else { return nil }
        used += count
        return UnsafeRawBufferPointer(start: scratch + start, count: count)
    }

    private mutating func append(_ byte: UInt8) {
        scratch[used] = byte
        used += 1
    }
}
