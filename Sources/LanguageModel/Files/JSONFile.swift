import Foundation
import JSON

/// A JSON object from a file. Errors name the file and the field.
struct JSONFile {
    let path: String
    let fields: [String: JSONValue]
    private let prefix: String

    /// The maximum size of a file, in bytes.
    static let sizeLimit = 1 << 26

    /// The maximum number of values in a file.
    static let valueLimit = 1 << 20

    init(path: String) throws {
        let file = try MappedFile(path: path)
        guard file.bytes.count <= Self.sizeLimit else {
            throw LanguageModelError.malformed(
                path: path, reason: "the file has more than \(Self.sizeLimit >> 20) MiB")
        }
        self.init(path: path, fields: try Self.fields(of: file.bytes, path: path), prefix: "")
    }

    /// The members of a JSON object. Throws with line and column if the bytes are not one.
    static func fields(
        of bytes: UnsafeRawBufferPointer, path: String
    ) throws -> [String: JSONValue] {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw LanguageModelError.malformed(path: path, reason: "it is not UTF-8 text")
        }
        var reader = JSONReader(bytes, values: valueLimit)
        let value: JSONValue
        do throws(JSONFault) {
            value = try reader.value()
            try reader.finish()
        } catch {
            throw LanguageModelError.malformed(path: path, error, in: reader)
        }
        guard case .object(let fields) = value else {
            throw LanguageModelError.malformed(path: path, reason: "the file is not a JSON object")
        }
        return fields
    }

    private init(path: String, fields: [String: JSONValue], prefix: String) {
        self.path = path
        self.fields = fields
        self.prefix = prefix
    }

    func object(_ name: String) throws -> JSONFile {
        guard case .object(let fields)? = fields[name] else { throw wrong(name, "an object") }
        return JSONFile(path: path, fields: fields, prefix: "\(prefix)\(name).")
    }

    func text(_ name: String) throws -> String {
        guard case .string(let value)? = fields[name] else { throw wrong(name, "a text") }
        return value
    }

    func text(_ name: String, default fallback: String) throws -> String {
        has(name) ? try text(name) : fallback
    }

    /// A Boolean; false if it is missing or null.
    func flag(_ name: String) throws -> Bool {
        guard has(name) else { return false }
        guard case .bool(let value)? = fields[name] else { throw wrong(name, "true or false") }
        return value
    }

    func positive(_ name: String, limit: Int) throws -> Int {
        switch fields[name] {
        case .integer(let value) where (1...limit).contains(value): return value
        case .integer(let value) where value > 0: throw wrong(name, "at most \(limit)")
        // Integers of more than 64 bits are parsed as floating-point numbers.
        case .number(let value) where value > 1e17: throw wrong(name, "at most \(limit)")
        default: throw wrong(name, "a positive integer")
        }
    }

    /// A non-negative integer.
    func count(_ name: String) throws -> Int {
        guard case .integer(let value) = fields[name], value >= 0 else {
            throw wrong(name, "0 or a positive integer")
        }
        return value
    }

    /// Whether a field exists and is not null.
    func has(_ name: String) -> Bool { (fields[name] ?? .null) != .null }

    func number(_ name: String) throws -> Double {
        switch fields[name] {
        case .integer(let value): return Double(value)
        case .number(let value): return value
        default: throw wrong(name, "a number")
        }
    }

    /// An object whose values are texts.
    func texts(_ name: String, _ expected: String) throws -> [String: String] {
        guard case .object(let members)? = fields[name] else { throw wrong(name, expected) }
        return try members.mapValues {
            guard case .string(let text) = $0 else { throw wrong(name, expected) }
            return text
        }
    }

    func wrong(_ name: String, _ expected: String) -> LanguageModelError {
        .malformed(path: path, reason: "`\(prefix)\(name)` must be \(expected)")
    }

    /// A JSON string literal with control characters as numeric escapes.
    static func quoted(_ text: String) -> String { JSONWriter.quote(text, escapes: []) }
}
