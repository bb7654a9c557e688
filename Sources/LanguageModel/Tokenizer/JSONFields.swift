import JSON

/// The members of a JSON object. Errors name the file and the member.
struct JSONFields {
    private let members: [String: JSONValue]
    private let path: String

    /// The path of the object, with a trailing dot.
    private let place: String

    /// The members of the top-level object of a file.
    init(_ node: JSONValue, path: String) throws {
        guard case .object(let members) = node else {
            throw LanguageModelError.malformed(path: path, reason: "the file is not a JSON object")
        }
        self.init(members: members, path: path, place: "")
    }

    private init(members: [String: JSONValue], path: String, place: String) {
        self.members = members
        self.path = path
        self.place = place
    }

    /// The value of a member; null if it is missing.
    subscript(name: String) -> JSONValue { members[name] ?? .null }

    func malformed(_ name: String, _ reason: String) -> LanguageModelError {
        .malformed(path: path, reason: "`\(place)\(name)` \(reason)")
    }

    /// `reason` names the supported values.
    func unsupported(_ name: String, _ reason: String) -> LanguageModelError {
        let value: String =
            switch self[name] {
            case .string(let text) where text.count <= 60: "'\(text)' is not supported: "
            default: "its value is not supported: "
            }
        return .unsupported(path: path, field: place + name, reason: value + reason)
    }

    /// Throws if there are members with other names.
    func allow(_ names: String...) throws {
        guard let other = members.keys.filter({ !names.contains($0) }).min() else { return }
        throw LanguageModelError.unsupported(
            path: path, field: place + other, reason: "there is no such member in version 1.0")
    }

    /// Throws unless the member has this text.
    func require(_ name: String, _ value: String) throws {
        guard try text(name) == value else { throw unsupported(name, "only '\(value)' is") }
    }

    func text(_ name: String) throws -> String {
        guard case .string(let text) = self[name] else { throw malformed(name, "must be a text") }
        return text
    }

    /// Throws if the member is missing and has no default.
    func flag(_ name: String, default fallback: Bool? = nil) throws -> Bool {
        if members[name] == nil, let fallback { return fallback }
        guard case .bool(let flag) = self[name] else {
            throw malformed(name, "must be true or false")
        }
        return flag
    }

    func table(_ name: String) throws -> JSONFields {
        guard case .object(let members) = self[name] else {
            throw malformed(name, "must be an object")
        }
        return JSONFields(members: members, path: path, place: "\(place)\(name).")
    }

    /// A list of objects; empty if the member is missing.
    func tables(_ name: String) throws -> [JSONFields] {
        if self[name] == .null { return [] }
        guard case .array(let elements) = self[name] else {
            throw malformed(name, "must be a list")
        }
        return try elements.enumerated().map { index, element in
            guard case .object(let members) = element else {
                throw malformed("\(name)[\(index)]", "must be an object")
            }
            return JSONFields(members: members, path: path, place: "\(place)\(name)[\(index)].")
        }
    }
}
