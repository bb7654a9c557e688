import Foundation

/// A JSON object read from a file, with errors that name the file and the field.
struct JSONFile {
    let path: String
    let fields: [String: Any]
    private let prefix: String

    init(path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw LanguageModelError.unreadable(path: path, reason: SafeTensors.reason(error))
        }
        guard let object = try? JSONSerialization.jsonObject(with: data),
            let fields = object as? [String: Any]
        else {
            throw LanguageModelError.malformed(path: path, reason: "the file is not a JSON object")
        }
        self.init(path: path, fields: fields, prefix: "")
    }

    private init(path: String, fields: [String: Any], prefix: String) {
        self.path = path
        self.fields = fields
        self.prefix = prefix
    }

    func object(_ name: String) throws -> JSONFile {
        guard let fields = fields[name] as? [String: Any] else { throw wrong(name, "an object") }
        return JSONFile(path: path, fields: fields, prefix: "\(prefix)\(name).")
    }

    func text(_ name: String) throws -> String {
        guard let value = fields[name] as? String else { throw wrong(name, "a text") }
        return value
    }

    func text(_ name: String, default fallback: String) throws -> String {
        has(name) ? try text(name) : fallback
    }

    /// False if it is missing or null.
    func flag(_ name: String) throws -> Bool {
        guard has(name) else { return false }
        guard let value = fields[name] as? Bool else { throw wrong(name, "true or false") }
        return value
    }

    func positive(_ name: String, limit: Int) throws -> Int {
        guard let value = fields[name] as? Int, value > 0 else {
            throw wrong(name, "a positive integer")
        }
        guard value <= limit else { throw wrong(name, "at most \(limit)") }
        return value
    }

    /// Whether a field is there and not null.
    func has(_ name: String) -> Bool { fields[name].map { !($0 is NSNull) } ?? false }

    func number(_ name: String) throws -> Double {
        guard let value = fields[name] as? Double else { throw wrong(name, "a number") }
        return value
    }

    func wrong(_ name: String, _ expected: String) -> LanguageModelError {
        .malformed(path: path, reason: "`\(prefix)\(name)` must be \(expected)")
    }

    /// A JSON string literal.
    static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case _ where scalar.value < 0x20:
                "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
