import Foundation

/// A strict pull parser of JSON text (RFC 8259), which creates values only on request. It does not detect
/// repeated names of an object.
package struct JSONReader {
    @usableFromInline var next: UnsafePointer<UInt8>
    @usableFromInline let start: UnsafePointer<UInt8>
    @usableFromInline let end: UnsafePointer<UInt8>
    private let depthLimit: Int
    private let valueLimit: Int
    private let allowsHalfSurrogates: Bool
    private var depth = 0
    private var values = 0

    /// The default limit of the nesting depth.
    package static let depthLimit = 64

    /// Starts at the beginning of `text`, which must be valid UTF-8 and outlive the reader. `depth` limits the
    /// nesting of lists and objects, and `values` the number of values. As in SQLite, half a surrogate pair can
    /// be allowed in strings that are skipped.
    package init(
        _ text: UnsafeRawBufferPointer, depth: Int = Self.depthLimit, values: Int = .max,
        allowsHalfSurrogates: Bool = false
    ) {
        let nothing: StaticString = ""
        start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nothing.utf8Start
        next = start
        end = start + text.count
        depthLimit = depth
        valueLimit = values
        self.allowsHalfSurrogates = allowsHalfSurrogates
    }

    // MARK: - Place

    var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// The size of the text in bytes.
    package var count: Int { end - start }

    /// The offset of the next byte.
    package var offset: Int { next - start }

    /// The next byte; 0 at the end.
    @inlinable package var byte: UInt8 { next < end ? next.pointee : 0 }

    @inlinable package var isAtEnd: Bool { next == end }

    /// A reader of the same text at `offset`, where a value begins.
    package func at(_ offset: Int) -> JSONReader {
        var reader = self
        reader.next = start + offset
        reader.depth = 0
        return reader
    }

    /// The bytes read since `offset`.
    @inlinable package func bytes(from offset: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start + offset, count: next - start - offset)
    }

    /// The line and column of a byte, both from 1. Columns are in Unicode scalars.
    package func place(of offset: Int) -> (line: Int, column: Int) {
        let before = UnsafeBufferPointer(start: start, count: min(offset, count))
        let line = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return (
            before.count { $0 == 0x0A } + 1, before[line...].count { $0 & 0xC0 != 0x80 } + 1
        )
    }

    /// A fault at the next byte.
    package func fault(_ kind: JSONFault.Kind) -> JSONFault { JSONFault(kind, at: offset) }

    // MARK: - Structure

    @inlinable package mutating func skipBlanks() {
        while next < end, next.pointee <= 32,
            next.pointee == 32 || next.pointee == 10 || next.pointee == 13 || next.pointee == 9
        {
            next += 1
        }
    }

    /// Skips blanks, and `byte` if it comes next; returns whether it does.
    @inlinable package mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard next < end, next.pointee == byte else { return false }
        next += 1
        return true
    }

    /// Throws unless only blanks are left.
    package mutating func finish() throws(JSONFault) {
        skipBlanks()
        guard isAtEnd else { throw fault(.textEnd) }
    }

    /// Skips the opening bracket of a list or object.
    mutating func enter() throws(JSONFault) {
        next += 1
        depth += 1
        guard depth <= depthLimit else { throw fault(.tooDeep(limit: depthLimit)) }
    }

    mutating func leave() { depth -= 1 }

    /// Counts a value. Throws if there are too many.
    package mutating func countValue() throws(JSONFault) {
        values += 1
        guard values <= valueLimit else { throw fault(.tooManyValues(limit: valueLimit)) }
    }

    /// Parses a list; `element` parses each value. Throws if there is no list, and rethrows errors of
    /// `element`.
    package mutating func list(_ element: (inout JSONReader) throws -> Void) throws {
        skipBlanks()
        guard byte == UInt8(ascii: "[") else { throw fault(.list) }
        try enter()
        if !take(UInt8(ascii: "]")) {
            repeat { try element(&self) } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw fault(.listEnd) }
        }
        leave()
    }

    /// Parses an object; `member` parses the name of each member with `name`, and its value. Throws as `list`
    /// does.
    package mutating func object(_ member: (inout JSONReader) throws -> Void) throws {
        skipBlanks()
        guard byte == UInt8(ascii: "{") else { throw fault(.object) }
        try enter()
        if !take(UInt8(ascii: "}")) {
            repeat { try member(&self) } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw fault(.objectEnd) }
        }
        leave()
    }

    /// Parses the name of a member and the colon.
    @inlinable package mutating func name() throws(JSONFault) -> JSONString {
        skipBlanks()
        guard byte == UInt8(ascii: "\"") else { throw fault(.name) }
        let name = try rawString()
        guard take(UInt8(ascii: ":")) else { throw fault(.colon) }
        return name
    }

    /// Skips one value of any kind.
    package mutating func skip() throws(JSONFault) {
        skipBlanks()
        if byte == UInt8(ascii: "["), depth < depthLimit, skipNumbers() { return }
        // The opening brackets of the current lists and objects.
        var open: [UInt8] = []
        while true {
            skipBlanks()
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let kind = next.pointee
                try enter()
                skipBlanks()
                guard byte == kind + 2 else {
                    open.append(kind)
                    if kind == UInt8(ascii: "{") { _ = try name() }
                    continue
                }
                next += 1
                leave()
            case UInt8(ascii: "\""): _ = try rawString()
            default: try skipPlainValue()
            }
            // A value has ended, and possibly the containers around it.
            while let kind = open.last {
                skipBlanks()
                if byte == UInt8(ascii: ",") {
                    next += 1
                    if kind == UInt8(ascii: "{") { _ = try name() }
                    break
                }
                guard byte == kind + 2 else {
                    throw fault(kind == UInt8(ascii: "{") ? .objectEnd : .listEnd)
                }
                next += 1
                leave()
                open.removeLast()
            }
            if open.isEmpty { return }
        }
    }

    private mutating func skipPlainValue() throws(JSONFault) {
        switch byte {
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        default: try skipNumber()
        }
    }

    /// Skips a list of numbers without blanks, such as token ids; otherwise stays at its position.
    private mutating func skipNumbers() -> Bool {
        let start = next
        repeat {
            next += 1
            guard JSONNumber.skip(&next, end: end) else {
                next = start
                return false
            }
        } while byte == UInt8(ascii: ",")
        guard byte == UInt8(ascii: "]") else {
            next = start
            return false
        }
        next += 1
        return true
    }

    // MARK: - Values

    /// Skips `word`, whose first byte comes next.
    package mutating func word(_ word: StaticString) throws(JSONFault) {
        let count = word.utf8CodeUnitCount
        guard end - next >= count, memcmp(next, word.utf8Start, count) == 0 else {
            throw fault(.value)
        }
        next += count
    }

    /// Parses a number.
    package mutating func number() throws(JSONFault) -> JSONNumber {
        guard let number = JSONNumber(&next, end: end) else { throw numberFault() }
        return number
    }

    /// Skips a number.
    package mutating func skipNumber() throws(JSONFault) {
        guard JSONNumber.skip(&next, end: end) else { throw numberFault() }
    }

    /// Skips a number, and returns whether a double can certainly represent its magnitude.
    mutating func skipBoundedNumber() throws(JSONFault) -> Bool {
        guard let isBounded = JSONNumber.bounded(&next, end: end) else { throw numberFault() }
        return isBounded
    }

    /// Whether a byte looks like a part of a number or word to a human reader.
    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The word that begins here, as a human would read it.
    func word() -> UnsafeRawBufferPointer {
        var place = next
        while place < end, Self.isWord(place.pointee) { place += 1 }
        return UnsafeRawBufferPointer(start: next, count: place - next)
    }

    /// The fault of the invalid number that begins here.
    private func numberFault() -> JSONFault {
        guard next < end else { return fault(.value) }
        var place = next + (byte == UInt8(ascii: "-") ? 1 : 0)
        func digits() -> Int {
            let start = place
            while place < end, 0x30...0x39 ~= place.pointee { place += 1 }
            return place - start
        }
        let first = place
        let whole = digits()
        guard whole == 1 || (whole > 1 && first.pointee != 0x30) else { return fault(.number) }
        if place < end, place.pointee == UInt8(ascii: ".") {
            place += 1
            guard digits() > 0 else { return JSONFault(.digit, at: place - start) }
        }
        // Otherwise the exponent is invalid.
        place += 1
        if place < end, place.pointee == UInt8(ascii: "+") || place.pointee == UInt8(ascii: "-") {
            place += 1
        }
        return JSONFault(.digit, at: place - start)
    }

    /// Parses an integer without fraction or exponent.
    package mutating func integer() throws(JSONFault) -> Int {
        skipBlanks()
        let start = next
        guard case .integer(let value) = try number() else {
            next = start
            throw fault(.wholeNumber)
        }
        return Int(value)
    }

    /// Parses a string. Its bytes, with escapes decoded, are valid only within `body`. Throws if there is no
    /// string, and rethrows errors of `body`.
    package mutating func string<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) throws -> Result {
        skipBlanks()
        guard byte == UInt8(ascii: "\"") else { throw fault(.string) }
        return try rawString().withBytes(body)
    }

    /// Skips a string and validates its escapes.
    package mutating func rawString() throws(JSONFault) -> JSONString {
        next += 1
        let first = next
        var hasEscapes = false
        while true {
            skipPlain()
            guard next < end else { throw fault(.closingQuote) }
            if next.pointee == UInt8(ascii: "\"") {
                defer { next += 1 }
                return JSONString(
                    raw: UnsafeRawBufferPointer(start: first, count: next - first),
                    hasEscapes: hasEscapes)
            }
            guard next.pointee == UInt8(ascii: "\\") else { throw fault(.controlCharacter) }
            try skipEscape()
            hasEscapes = true
        }
    }

    /// Skips an escape; the next byte is its backslash.
    private mutating func skipEscape() throws(JSONFault) {
        guard end - next >= 2 else { throw fault(.cutEscape) }
        switch next[1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            next += 2
        case UInt8(ascii: "u"):
            let unit = try skipUnit()
            guard 0xD800..<0xE000 ~= unit, !allowsHalfSurrogates else { return }
            guard unit < 0xDC00 else { throw fault(.wrongPair) }
            guard end - next >= 2, next.pointee == UInt8(ascii: "\\"), next[1] == UInt8(ascii: "u")
            else { throw fault(.loneSurrogate) }
            guard 0xDC00..<0xE000 ~= (try skipUnit()) else { throw fault(.wrongPair) }
        default: throw fault(.unknownEscape)
        }
    }

    private mutating func skipUnit() throws(JSONFault) -> UInt16 {
        guard end - next >= 6 else { throw fault(.cutUnit) }
        let text = UnsafeRawBufferPointer(start: next, count: 6)
        guard let unit = JSONEscapes.unit(text, 0) else { throw fault(.unknownEscape) }
        next += 6
        return unit
    }

    /// Advances to the next quotation mark, backslash or control character, eight bytes at a time.
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while end - next >= 8 {
            let word = UnsafeRawPointer(next).loadUnaligned(as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            // Sets the high bit of every byte that is zero after the exclusive or, or less than a blank. Bits
            // above the lowest one may be wrong.
            let found =
                (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
                    | ((word &- ones &* 0x20) & ~word)) & (ones &* 0x80)
            guard found == 0 else {
                next += found.littleEndian.trailingZeroBitCount >> 3
                return
            }
            next += 8
        }
        while next < end, next.pointee >= 0x20, next.pointee != UInt8(ascii: "\""),
            next.pointee != UInt8(ascii: "\\")
        {
            next += 1
        }
    }
}
