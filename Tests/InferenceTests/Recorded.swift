import Foundation
import Inference
import JSON
import Testing

/// A request to a real server with a tiny random model, and its answer.
struct Recorded {
    let path: String
    let request: JSONValue
    let response: JSONValue

    /// The case of a file of Tests/Fixtures/inference.
    init(_ name: String, of server: String) throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(
                "Fixtures/inference/\(server).jsonl")
        let lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        let cases = lines.compactMap { JSONValue(json: String($0)) }
        let found = try #require(cases.first { $0["case"] == .string(name) })
        guard case .string(let path)? = found["path"] else { throw CocoaError(.coderInvalidValue) }
        self.path = path
        request = try #require(found["request"])
        response = try #require(found["response"])
    }
}

extension JSONValue {
    /// The value with `change` applied to the part at a path of names and indices.
    func changing(_ path: String..., change: (JSONValue?) -> JSONValue?) -> JSONValue {
        changed(path[...], change) ?? .null
    }

    private func changed(
        _ path: ArraySlice<String>, _ change: (JSONValue?) -> JSONValue?
    ) -> JSONValue? {
        guard let name = path.first else { return change(self) }
        switch self {
        case .object(var members):
            members[name] =
                path.count == 1
                ? change(members[name]) : members[name]?.changed(path.dropFirst(), change)
            return .object(members)
        case .array(var elements):
            guard let index = Int(name), elements.indices.contains(index) else { return self }
            if let element = elements[index].changed(path.dropFirst(), change) {
                elements[index] = element
            } else {
                elements.remove(at: index)
            }
            return .array(elements)
        default: return self
        }
    }

    /// The list without its last element.
    var shortened: JSONValue {
        guard case .array(let elements) = self else { return self }
        return .array(Array(elements.dropLast()))
    }

    /// The list with another last element.
    func ending(with last: JSONValue) -> JSONValue {
        guard case .array(let elements) = self else { return self }
        return .array(elements.dropLast() + [last])
    }
}
