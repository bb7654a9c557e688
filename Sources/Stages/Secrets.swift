import Foundation
import Pipeline

/// The variables that a command sees and nobody else gets to see.
struct Secrets {
    let values: [String: String]
    private let mask: SecretMask

    /// The values of the variables called `names`. Throws `StageError` if one has none.
    init(_ names: [String], from variables: [String: String]) throws(StageError) {
        var values: [String: String] = [:]
        for name in names {
            guard let value = variables[name], !value.isEmpty else {
                throw .missingSecret(name)
            }
            values[name] = value
        }
        self.values = values
        mask = SecretMask(values.values)
    }

    /// `text` with `***` for every value.
    func masked(_ text: String) -> String { mask.masked(text) }

    /// Removes the files of outputs that hold a value; returns what to say of the first, `nil` if there is
    /// none.
    func removeLeaks(from outputs: [String: String]) throws -> StageError? {
        guard !values.isEmpty else { return nil }
        var first: StageError?
        for (output, directory) in outputs.sorted(by: { $0.key < $1.key }) {
            for path in try FileManager.default.subpathsOfDirectory(atPath: directory).sorted() {
                guard let name = try leak(in: directory + "/" + path) else { continue }
                try FileManager.default.removeItem(atPath: directory + "/" + path)
                first = first ?? .secretInOutput(name, output: output, file: path)
            }
        }
        return first
    }

    /// The name of a variable whose value the file at `path` holds.
    private func leak(in path: String) throws -> String? {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
            !isDirectory.boolValue
        else { return nil }
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        return values.sorted { $0.key < $1.key }
            .first { data.range(of: Data($0.value.utf8)) != nil }?.key
    }
}
