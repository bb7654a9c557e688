import Foundation
import Pipeline

/// Reads the values of some keys of a line's JSON object, typed as SQLite's `->>` types them, without copies
/// but of texts with escapes.
package struct RecordParser: ~Copyable {
    package enum Value {
        case null
        case integer(Int64)
        case real(Double)
        /// UTF-8 within the line or the parser, until the next line.
        case text(UnsafeRawBufferPointer)
    }

    /// One a key; null for a key that the object lacks.
    package private(set) var values: [Value]

    /// Whether a key occurred twice or a number was beyond all: SQLite reads such lines, but nobody means
    /// them.
    package private(set) var isDoubtful = false

    private let keys: [[UInt8]]
    private var isKnown: [Bool]
    /// The key that is looked for first: lines have theirs in one order.
    private var expected = 0

    /// Room for texts without their escapes, which are never longer than with them.
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

    /// Reads a line; returns what is wrong with it, if anything is. Of a key that occurs twice the first
    /// value counts.
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
        do throws(Malformed) {
            guard var cursor = JSONCursor(line) else { throw .notJSON }
            cursor.skipBlanks()
            if cursor.byte == UInt8(ascii: "{") {
                try readObject(&cursor)
            } else if !cursor.skipValue() {
                throw .notJSON
            }
            cursor.skipBlanks()
            return cursor.isAtEnd ? nil : Malformed.notJSON.rawValue
        } catch {
            return error.rawValue
        }
    }

    private enum Malformed: String, Error {
        case notJSON = "not JSON"
        case surrogate = "half of a surrogate pair in a text"
    }

    private mutating func readObject(_ cursor: inout JSONCursor) throws(Malformed) {
        _ = cursor.take(UInt8(ascii: "{"))
        if cursor.take(UInt8(ascii: "}")) { return }
        repeat {
            guard let (key, _) = cursor.rawString(), cursor.take(UInt8(ascii: ":")) else {
                throw .notJSON
            }
            let place = place(of: key)
            if let place, !isKnown[place] {
                values[place] = try value(&cursor)
                isKnown[place] = true
            } else {
                if place != nil { isDoubtful = true }
                if !cursor.skipValue() { throw .notJSON }
            }
        } while cursor.take(UInt8(ascii: ","))
        guard cursor.take(UInt8(ascii: "}")) else { throw .notJSON }
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

    private mutating func value(_ cursor: inout JSONCursor) throws(Malformed) -> Value {
        switch cursor.byte {
        case UInt8(ascii: "\""):
            guard let (bytes, hasEscapes) = cursor.rawString() else { throw .notJSON }
            return .text(hasEscapes ? try unescaped(bytes) : bytes)
        case UInt8(ascii: "n"): if cursor.take("null") { return .null }
        case UInt8(ascii: "t"): if cursor.take("true") { return .integer(1) }
        case UInt8(ascii: "f"): if cursor.take("false") { return .integer(0) }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let start = cursor.next
            guard cursor.skipValue() else { throw .notJSON }
            return .text(
                compact(UnsafeRawBufferPointer(start: start, count: cursor.next - start)))
        default:
            switch cursor.number() {
            case .integer(let integer)?: return .integer(integer)
            case .real(let real)?:
                isDoubtful = isDoubtful || !real.isFinite
                return .real(real)
            case nil: break
            }
        }
        throw .notJSON
    }

    /// JSON without the blanks between its parts.
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

    /// A valid string's content without its escapes.
    private mutating func unescaped(
        _ bytes: UnsafeRawBufferPointer
    ) throws(Malformed) -> UnsafeRawBufferPointer {
        let start = used
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            guard byte == UInt8(ascii: "\\") else {
                append(byte)
                place += 1
                continue
            }
            let kind = bytes[place + 1]
            place += 2
            switch kind {
            case UInt8(ascii: "b"): append(8)
            case UInt8(ascii: "f"): append(12)
            case UInt8(ascii: "n"): append(10)
            case UInt8(ascii: "r"): append(13)
            case UInt8(ascii: "t"): append(9)
            case UInt8(ascii: "u"):
                var unit = Self.hexadecimal(bytes, place)
                place += 4
                if 0xD800..<0xDC00 ~= unit, place + 6 <= bytes.count,
                    bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u")
                {
                    let low = Self.hexadecimal(bytes, place + 2)
                    if 0xDC00..<0xE000 ~= low {
                        unit = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                        place += 6
                    }
                }
                guard let scalar = Unicode.Scalar(unit) else { throw .surrogate }
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    append(byte)
                }
            default: append(kind)
            }
        }
        return UnsafeRawBufferPointer(start: scratch + start, count: used - start)
    }

    private mutating func append(_ byte: UInt8) {
        scratch[used] = byte
        used += 1
    }

    private static func hexadecimal(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> UInt32 {
        bytes[place..<place + 4].reduce(0) { value, digit in
            value << 4 | UInt32(digit < 58 ? digit & 15 : digit & 15 + 9)
        }
    }
}
