/// A strict check of one JSON value (RFC 8259), to be made before the value is decoded: decoders differ in
/// what they take, and none of them says where the mistake is. Makes nothing of the values.
package struct JSONCheck {
    /// Lists and objects within each other.
    package static let depthLimit = 64

    /// Values in all.
    package static let valueLimit = 1 << 19

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var values = 0

    /// The way to the value that is being read.
    private var path: [Step] = []

    /// The names of the members read so far of every object around.
    private var names: [Range<Int>] = []

    private enum Step {
        /// The member with the name at this place.
        case member(Range<Int>)
        case element(Int)
    }

    /// Where the numbers stand, if they are asked for.
    private var numbers: [Range<Int>]?

    /// Where whole numbers stand that 64 bits cannot hold.
    private var longIntegers: [Range<Int>] = []

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Throws unless `bytes`, valid UTF-8, are one JSON value.
    package static func check(_ bytes: UnsafeRawBufferPointer) throws(JSONMistake) {
        var check = JSONCheck(bytes.bindMemory(to: UInt8.self))
        try check.whole()
    }

    /// Where the numbers of a valid value stand, in order.
    package static func numbers(in bytes: UnsafeRawBufferPointer) throws(JSONMistake) -> [Range<
        Int
    >] {
        var check = JSONCheck(bytes.bindMemory(to: UInt8.self))
        check.numbers = []
        try check.whole()
        return check.numbers ?? []
    }

    /// Where the whole numbers of a valid value stand that 64 bits cannot hold, in order.
    package static func longIntegers(
        in bytes: UnsafeRawBufferPointer
    ) throws(JSONMistake) -> [Range<Int>] {
        var check = JSONCheck(bytes.bindMemory(to: UInt8.self))
        try check.whole()
        return check.longIntegers
    }

    /// The field that the byte at `offset` of a valid value belongs to.
    package static func field(at offset: Int, in bytes: UnsafeRawBufferPointer) -> String {
        // Cut there, it ends too early in just that field.
        let start = UnsafeRawBufferPointer(rebasing: bytes[..<min(offset, bytes.count)])
        do {
            try check(start)
            return ""
        } catch {
            return error.field
        }
    }

    // MARK: - Errors

    private func mistake(_ problem: JSONMistake.Problem, at place: Int? = nil) -> JSONMistake {
        let before = bytes[..<min(place ?? position, bytes.count)]
        let parts = path.map { step in
            switch step {
            case .member(let name): Self.short(bytes[name])
            case .element(let index): "\(index)"
            }
        }
        return JSONMistake(
            column: before.count { $0 & 0xC0 != 0x80 } + 1, field: parts.joined(separator: "."),
            problem: problem)
    }

    private func expected(_ what: String) -> JSONMistake {
        mistake(.expected(what, atEnd: position >= bytes.count))
    }

    /// A name or a number for people.
    private static func short(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> String {
        let text = String(decoding: text, as: UTF8.self)
        return text.unicodeScalars.count > 60 ? String(text.unicodeScalars.prefix(60)) + "…" : text
    }

    // MARK: - Structure

    private mutating func whole() throws(JSONMistake) {
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { throw mistake(.byteOrderMark) }
        try value()
        skipBlanks()
        guard position == bytes.count else { throw expected("the end of the line") }
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(JSONMistake) {
        values += 1
        guard values <= Self.valueLimit else {
            throw mistake(.tooManyValues(limit: Self.valueLimit))
        }
        skipBlanks()
        guard position < bytes.count else { throw expected("a value") }
        switch bytes[position] {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try list()
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), 0x30...0x39,
            UInt8(ascii: "N"), UInt8(ascii: "I"):
            try number()
        default: throw expected("a value")
        }
    }

    private mutating func enter(_ step: Step) throws(JSONMistake) {
        position += 1
        guard path.count < Self.depthLimit else { throw mistake(.tooDeep(limit: Self.depthLimit)) }
        path.append(step)
    }

    private mutating func list() throws(JSONMistake) {
        try enter(.element(0))
        var index = 0
        if !take(UInt8(ascii: "]")) {
            repeat {
                path[path.count - 1] = .element(index)
                try value()
                index += 1
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else {
                path.removeLast()
                throw expected("`,` or `]`")
            }
        }
        path.removeLast()
    }

    private mutating func object() throws(JSONMistake) {
        try enter(.element(0))
        let first = names.count
        var known: Set<String>?
        if !take(UInt8(ascii: "}")) {
            repeat {
                let around = path.removeLast()
                skipBlanks()
                guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                    throw expected("a name in quotes")
                }
                let start = position + 1
                try string()
                let name = start..<(position - 1)
                guard isNew(name, after: first, &known) else {
                    throw mistake(.repeatedName(Self.short(bytes[name])), at: start - 1)
                }
                names.append(name)
                guard take(UInt8(ascii: ":")) else { throw expected("`:`") }
                path.append(around)
                path[path.count - 1] = .member(name)
                try value()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else {
                path.removeLast()
                throw expected("`,` or `}`")
            }
        }
        names.removeLast(names.count - first)
        path.removeLast()
    }

    /// Whether the object whose names begin at `first` has no member of this name yet. Beyond a few they are
    /// kept in a set, so that many take no more time each.
    private func isNew(_ name: Range<Int>, after first: Int, _ known: inout Set<String>?) -> Bool {
        let hasEscape = bytes[name].contains(UInt8(ascii: "\\"))
        if names.count - first < 16, !hasEscape {
            for other in names[first...] where other.count == name.count {
                if bytes[other].elementsEqual(bytes[name]) { return false }
            }
            // An escape may spell the same name at another length.
            guard names[first...].contains(where: { bytes[$0].contains(UInt8(ascii: "\\")) }) else {
                return true
            }
        }
        var all = known ?? Set(names[first...].map(unescaped))
        if names.count > first, known != nil { all.insert(unescaped(names[names.count - 1])) }
        defer { known = all }
        return !all.contains(unescaped(name))
    }

    // MARK: - Values

    private mutating func word(_ word: StaticString) throws(JSONMistake) {
        let text = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard bytes[position...].starts(with: text) else { throw expected("a value") }
        position += text.count
    }

    private mutating func string() throws(JSONMistake) {
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return
            }
            if byte == UInt8(ascii: "\\") {
                try escape()
            } else {
                guard byte >= 0x20 else { throw mistake(.controlCharacter) }
                position += 1
            }
        }
        throw expected("`\"`")
    }

    private mutating func escape() throws(JSONMistake) {
        guard position + 1 < bytes.count else {
            position = bytes.count
            throw expected("the rest of an escape")
        }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            let high = try unit()
            guard (0xD800..<0xE000).contains(high) else { return }
            guard high < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                bytes[position + 1] == UInt8(ascii: "u"), (0xDC00..<0xE000).contains(try unit())
            else { throw mistake(.halfSurrogate) }
        default: throw mistake(.unknownEscape)
        }
    }

    /// Reads `\uXXXX`.
    private mutating func unit() throws(JSONMistake) -> UInt32 {
        guard position + 6 <= bytes.count else {
            position = bytes.count
            throw expected("the rest of an escape")
        }
        var value: UInt32 = 0
        for byte in bytes[(position + 2)..<(position + 6)] {
            guard let digit = Self.digit(byte) else { throw mistake(.unknownEscape) }
            value = value << 4 | digit
        }
        position += 6
        return value
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte) - 0x30
        case 0x41...0x46: UInt32(byte) - 0x41 + 10
        case 0x61...0x66: UInt32(byte) - 0x61 + 10
        default: nil
        }
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        return position - start
    }

    private func has(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

    private mutating func number() throws(JSONMistake) {
        let start = position
        if has(UInt8(ascii: "-")) { position += 1 }
        let first = position
        let whole = digits()
        var isRight = whole > 0 && (whole == 1 || bytes[first] != UInt8(ascii: "0"))
        var exponent = 0
        if isRight, has(UInt8(ascii: ".")) {
            position += 1
            isRight = digits() > 0
        }
        if isRight, has(UInt8(ascii: "e")) || has(UInt8(ascii: "E")) {
            position += 1
            if has(UInt8(ascii: "+")) || has(UInt8(ascii: "-")) { position += 1 }
            exponent = digits()
            isRight = exponent > 0
        }
        let end = endOfWord()
        let text = bytes[start..<end]
        guard isRight, end == position else {
            position = start
            let word = Self.short(text)
            let isWord = text.contains { $0 == UInt8(ascii: "N") || $0 == UInt8(ascii: "I") }
            throw mistake(isWord ? .noSuchNumber(word) : .notANumber(word))
        }
        // Fewer digits cannot be too many.
        if whole > 300 || exponent > 2,
            Double(String(decoding: text, as: UTF8.self))?.isFinite != true
        {
            position = start
            throw mistake(.tooLargeNumber(Self.short(text)))
        }
        numbers?.append(start..<end)
        if whole > 18, end == first + whole, Int(String(decoding: text, as: UTF8.self)) == nil {
            longIntegers.append(start..<end)
        }
    }

    /// Where the word that begins here ends, for one who reads it.
    private func endOfWord() -> Int {
        var end = position
        while end < bytes.count {
            switch bytes[end] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "_"):
                end += 1
            default: return end
            }
        }
        return end
    }

    /// A name without its escapes, which were checked.
    private func unescaped(_ name: Range<Int>) -> String {
        var text: [UInt8] = []
        var index = name.lowerBound
        var high: UInt32 = 0
        while index < name.upperBound {
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            let kind = bytes[index + 1]
            guard kind == UInt8(ascii: "u") else {
                let plain: [UInt8: UInt8] = [
                    UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
                    UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
                ]
                text.append(plain[kind] ?? kind)
                index += 2
                continue
            }
            let unit = bytes[(index + 2)..<(index + 6)].reduce(UInt32(0)) {
                $0 << 4 | (Self.digit($1) ?? 0)
            }
            index += 6
            if (0xD800..<0xDC00).contains(unit) {
                high = unit
                continue
            }
            let value =
                (0xDC00..<0xE000).contains(unit)
                ? 0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00) : unit
            if let scalar = Unicode.Scalar(value) { text += Array(String(scalar).utf8) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
