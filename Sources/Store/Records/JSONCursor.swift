import Foundation
import Pipeline

/// A place in the bytes of a JSON text, which goes past one piece after another. Its functions are nil or
/// false where the text is not JSON; then the place means nothing any more.
struct JSONCursor {
    private(set) var next: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    /// As deep as SQLite reads.
    private static let deepest = 2000

    /// At the beginning of `text`, which must not be empty.
    init?(_ text: UnsafeRawBufferPointer) {
        guard let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        next = start
        end = start + text.count
    }

    /// The byte at the place, 0 at the end.
    var byte: UInt8 { next < end ? next.pointee : 0 }

    var isAtEnd: Bool { next == end }

    mutating func skipBlanks() {
        while next < end, next.pointee <= 32,
            next.pointee == 32 || next.pointee == 10 || next.pointee == 13 || next.pointee == 9
        {
            next += 1
        }
    }

    /// Goes past `byte`, with the blanks around it, if it is next.
    mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard self.byte == byte, next < end else { return false }
        next += 1
        skipBlanks()
        return true
    }

    /// The string that begins here, as it is written.
    mutating func rawString() -> (bytes: UnsafeRawBufferPointer, hasEscapes: Bool)? {
        guard byte == UInt8(ascii: "\"") else { return nil }
        next += 1
        let start = next
        var hasEscapes = false
        while true {
            skipPlain()
            guard next < end else { return nil }
            if next.pointee == UInt8(ascii: "\"") {
                defer { next += 1 }
                return (UnsafeRawBufferPointer(start: start, count: next - start), hasEscapes)
            }
            guard next.pointee == UInt8(ascii: "\\"), skipEscape() else { return nil }
            hasEscapes = true
        }
    }

    mutating func number() -> JSONNumber? { JSONNumber(&next, end: end) }

    /// Goes past `word` unless a letter or digit follows it.
    mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard end - next >= count, memcmp(next, word.utf8Start, count) == 0 else { return false }
        next += count
        return next == end || isalnum(Int32(next.pointee)) == 0
    }

    /// Goes past one value of any kind.
    mutating func skipValue() -> Bool {
        if byte == UInt8(ascii: "["), skipNumbers() { return true }
        // The kinds of the arrays and objects that are open.
        var open: [UInt8] = []
        while true {
            skipBlanks()
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let kind = next.pointee
                next += 1
                skipBlanks()
                guard byte == kind + 2 else {
                    guard open.count < Self.deepest else { return false }
                    open.append(kind)
                    if kind == UInt8(ascii: "{"), !skipKey() { return false }
                    continue
                }
                next += 1
            case UInt8(ascii: "\""): if rawString() == nil { return false }
            case UInt8(ascii: "n"): if !take("null") { return false }
            case UInt8(ascii: "t"): if !take("true") { return false }
            case UInt8(ascii: "f"): if !take("false") { return false }
            default: if !JSONNumber.skip(&next, end: end) { return false }
            }
            // A value has ended, and perhaps what holds it.
            while let kind = open.last {
                skipBlanks()
                if byte == UInt8(ascii: ",") {
                    next += 1
                    if kind == UInt8(ascii: "{"), !skipKey() { return false }
                    break
                }
                guard byte == kind + 2 else { return false }
                next += 1
                open.removeLast()
            }
            if open.isEmpty { return true }
        }
    }

    /// Goes past a list of numbers without blanks, such as token ids, or stays where it is.
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

    private mutating func skipKey() -> Bool {
        skipBlanks()
        return rawString() != nil && take(UInt8(ascii: ":"))
    }

    /// Goes past an escape; the place is at its backslash.
    private mutating func skipEscape() -> Bool {
        next += 1
        guard next < end else { return false }
        let kind = next.pointee
        next += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            guard end - next >= 4 else { return false }
            for _ in 0..<4 {
                guard isxdigit(Int32(next.pointee)) != 0 else { return false }
                next += 1
            }
            return true
        default: return false
        }
    }

    /// Goes to the next quotation mark, backslash or control character, eight bytes at a time.
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while end - next >= 8 {
            let word = UnsafeRawPointer(next).loadUnaligned(as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            // The high bit of every byte that is zero after the exclusive or, or below a blank; bits above
            // the lowest one may be wrong.
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
