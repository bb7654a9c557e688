/// A strict reader of JSON text (RFC 8259) that makes nothing but what is asked for: large tables and lists
/// are read member by member, in the file's order. What is wrong is an error with line and column.
struct JSONScanner {
    /// Lists and tables within each other.
    static let depthLimit = 64

    /// Values that `node` makes.
    static let nodeLimit = 1 << 20

    let path: String
    private let bytes: UnsafeBufferPointer<UInt8>

    /// The next byte to read.
    private(set) var position = 0
    private var depth = 0
    private var nodes = 0

    /// The last string with escapes, without them.
    private var unescaped: [UInt8] = []

    /// A reader of `bytes`, valid UTF-8 that must outlive it.
    init(_ bytes: UnsafeBufferPointer<UInt8>, path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// The file's bytes.
    var size: Int { bytes.count }

    /// A reader of the value that begins at `position`.
    func at(_ position: Int) -> JSONScanner {
        var scanner = JSONScanner(bytes, path: path)
        scanner.position = position
        return scanner
    }

    // MARK: - Errors

    func mistake(_ reason: String) -> LanguageModelError {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return .malformed(path: path, reason: "line \(line), column \(column): \(reason)")
    }

    private func expected(_ what: String) -> LanguageModelError {
        mistake("\(what) expected" + (position < bytes.count ? "" : ", the file ends"))
    }

    // MARK: - Structure

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// The first byte of the next value, which is left where it is.
    mutating func peek() -> UInt8? {
        skipBlanks()
        return position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    /// Checks that nothing is left.
    mutating func end() throws {
        if peek() != nil { throw expected("the end of the file") }
    }

    private mutating func enter() throws {
        depth += 1
        guard depth <= Self.depthLimit else {
            throw mistake("more than \(Self.depthLimit) lists and tables within each other")
        }
    }

    /// Reads a list; `element` reads each value.
    mutating func list(_ element: (inout JSONScanner) throws -> Void) throws {
        guard take(UInt8(ascii: "[")) else { throw expected("a list") }
        try enter()
        if !take(UInt8(ascii: "]")) {
            repeat { try element(&self) } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw expected("`,` or `]`") }
        }
        depth -= 1
    }

    /// Reads a table; `member` reads each member's name, with `name`, and its value.
    mutating func table(_ member: (inout JSONScanner) throws -> Void) throws {
        guard take(UInt8(ascii: "{")) else { throw expected("a table") }
        try enter()
        if !take(UInt8(ascii: "}")) {
            repeat { try member(&self) } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw expected("`,` or `}`") }
        }
        depth -= 1
    }

    /// Reads a member's name and the colon; its bytes are valid within `body`.
    mutating func name<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) throws -> Result {
        guard peek() == UInt8(ascii: "\"") else { throw expected("a name in quotes") }
        let result = try string(body)
        guard take(UInt8(ascii: ":")) else { throw expected("`:`") }
        return result
    }

    // MARK: - Values

    /// Reads a string; its bytes are valid within `body`.
    mutating func string<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) throws -> Result {
        guard take(UInt8(ascii: "\"")) else { throw expected("a text") }
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return try body(UnsafeBufferPointer(rebasing: bytes[start..<position]))
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start, body) }
            guard byte >= 0x20 else { throw mistake("a control character in a text") }
            position += 1
        }
        throw expected("`\"`")
    }

    /// Goes on with a string at its first escape.
    private mutating func escapedString<Result>(
        from start: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) throws -> Result {
        unescaped.removeAll(keepingCapacity: true)
        unescaped.append(contentsOf: bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            guard byte >= 0x20 else { throw mistake("a control character in a text") }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return try unescaped.withUnsafeBufferPointer(body)
            case UInt8(ascii: "\\"): try unescape()
            default:
                unescaped.append(byte)
                position += 1
            }
        }
        throw expected("`\"`")
    }

    private mutating func unescape() throws {
        guard position + 1 < bytes.count else { throw mistake("an escape is cut off") }
        let short: UInt8? =
            switch bytes[position + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes[position + 1]
            case UInt8(ascii: "b"): 0x08
            case UInt8(ascii: "f"): 0x0C
            case UInt8(ascii: "n"): 0x0A
            case UInt8(ascii: "r"): 0x0D
            case UInt8(ascii: "t"): 0x09
            default: nil
            }
        if let short {
            unescaped.append(short)
            position += 2
            return
        }
        var value = try unit()
        if (0xD800..<0xDC00).contains(value) {
            let low = try unit()
            guard (0xDC00..<0xE000).contains(low) else {
                throw mistake("half a surrogate pair")
            }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else {
            throw mistake("half a surrogate pair")
        }
        unescaped.append(contentsOf: encoded)
    }

    /// Reads `\uXXXX`.
    private mutating func unit() throws -> UInt32 {
        guard position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw mistake("no escape of JSON") }
        var value: UInt32 = 0
        for byte in bytes[(position + 2)..<(position + 6)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw mistake("no escape of JSON")
            }
            value = value << 4 | UInt32(digit)
        }
        position += 6
        return value
    }

    mutating func text() throws -> String { try string { String(decoding: $0, as: UTF8.self) } }

    /// Reads a whole number without fraction or exponent.
    mutating func integer() throws -> Int {
        skipBlanks()
        let start = position
        guard case .integer(let value) = try number() else {
            position = start
            throw expected("a whole number")
        }
        return value
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        return position - start
    }

    private mutating func number() throws -> JSONNode {
        skipBlanks()
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        let first = position
        guard digits() > 0, bytes[first] != UInt8(ascii: "0") || position == first + 1 else {
            position = start
            throw expected("a value")
        }
        var isWhole = true
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            isWhole = false
            guard digits() > 0 else { throw expected("a digit") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            isWhole = false
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            guard digits() > 0 else { throw expected("a digit") }
        }
        if isWhole, let value = wholeNumber(bytes[start..<position]) { return .integer(value) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else {
            throw mistake("no number can be \(text.prefix(40))")
        }
        return .number(value)
    }

    /// `nil` beyond 18 digits.
    private func wholeNumber(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative ? text.dropFirst() : text
        guard digits.count <= 18 else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return isNegative ? -value : value
    }

    private mutating func word(_ word: StaticString, _ node: JSONNode) throws -> JSONNode {
        let end = position + word.utf8CodeUnitCount
        let text = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard end <= bytes.count, bytes[position..<end].elementsEqual(text) else {
            throw expected("a value")
        }
        position = end
        return node
    }

    /// Reads any value, but leaves those with the names in `deferred` unread, as positions. A name is
    /// written with those of the tables around it: `model.vocab`.
    mutating func node(deferring deferred: Set<String> = [], at place: String = "") throws
        -> JSONNode
    {
        nodes += 1
        guard nodes <= Self.nodeLimit else { throw mistake("more values than can be") }
        switch peek() {
        case UInt8(ascii: "{"):
            var members: [String: JSONNode] = [:]
            try table { scanner in
                let name = try scanner.name { String(decoding: $0, as: UTF8.self) }
                guard members[name] == nil else {
                    throw scanner.mistake("`\(name)` stands twice")
                }
                let inner = place.isEmpty ? name : "\(place).\(name)"
                if deferred.contains(inner) {
                    _ = scanner.peek()
                    members[name] = .deferred(scanner.position)
                    try scanner.skip()
                } else {
                    members[name] = try scanner.node(deferring: deferred, at: inner)
                }
            }
            return .table(members)
        case UInt8(ascii: "["):
            var elements: [JSONNode] = []
            try list { scanner in elements.append(try scanner.node()) }
            return .list(elements)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw expected("a value")
        default: return try number()
        }
    }

    /// Checks any value and makes nothing of it.
    private mutating func skip() throws {
        switch peek() {
        case UInt8(ascii: "{"):
            try table { scanner in
                try scanner.name { _ in }
                try scanner.skip()
            }
        case UInt8(ascii: "["): try list { scanner in try scanner.skip() }
        case UInt8(ascii: "\""): try string { _ in }
        default:
            nodes -= 1
            _ = try node()
        }
    }
}

/// A JSON value that was read.
enum JSONNode: Hashable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSONNode])
    case table([String: JSONNode])

    /// Where a value begins that was not read.
    case deferred(Int)
}
