import Foundation
import Glibc
import Pipeline

/// Variables that only the program of a command sees.
package struct Secrets: Sendable {
    package let values: [String: String]
    private let mask: SecretMask
    /// Sorted by the name of the variable.
    private let masks: [(name: String, mask: SecretMask)]

    /// The values of the variables `names`. Throws `CommandStageError` if a variable is not set, or if its value is so
    /// short that it would match unrelated text.
    package init(_ names: [String], from variables: [String: String]) throws(CommandStageError) {
        var values: [String: String] = [:]
        for name in names {
            guard let value = variables[name], !value.isEmpty else {
                throw .missingSecret(name)
            }
            guard SecretMask([value]).longestValue >= SecretMask.leastBytes else {
                throw .shortSecret(name, least: SecretMask.leastBytes)
            }
            values[name] = value
        }
        self.values = values
        mask = SecretMask(values.values)
        masks = values.sorted { $0.key < $1.key }.map { ($0.key, SecretMask([$0.value])) }
    }

    /// The length of the longest spelling of a value in bytes; 0 without secrets.
    package var longest: Int { mask.longest }

    /// `text` with every value replaced by `***`.
    package func masked(_ text: String) -> String { mask.masked(text) }

    /// Bytes as text, with every value replaced by `***`.
    package func masked(_ bytes: UnsafeRawBufferPointer) -> String {
        mask.masked(bytes).map { String(decoding: $0, as: UTF8.self) }
            ?? String(decoding: bytes, as: UTF8.self)
    }

    /// Bytes with every value replaced by `***`; `nil` if they contain none.
    func hidden(in bytes: UnsafeRawBufferPointer) -> [UInt8]? { mask.masked(bytes) }

    /// The name of a variable whose value occurs in the bytes.
    package func name(in bytes: UnsafeRawBufferPointer) -> String? {
        guard mask.isFound(in: bytes) else { return nil }
        return masks.first { $0.mask.isFound(in: bytes) }?.name
    }

    /// Removes files that contain a value, in the name or the content, from the outputs and the directories
    /// around them. Returns the error for the first file in an output; `nil` if there is none.
    package func removeLeaks(
        from outputs: [String: String], and work: String
    ) throws -> CommandStageError? {
        guard !values.isEmpty else { return nil }
        var first: CommandStageError?
        for (output, directory) in outputs.sorted(by: { $0.key < $1.key }) {
            var scan = LeakScan(secrets: self)
            try scan.clean(directory)
            if let found = scan.found.first, first == nil {
                first = .secretInOutput(found.name, output: output, file: masked(found.path))
            }
        }
        let beside = outputs.values.map { ($0 as NSString).deletingLastPathComponent }
        for directory in Set(beside.filter { !$0.hasPrefix(work + "/") } + [work]) {
            var scan = LeakScan(secrets: self, skipped: Set(outputs.values))
            try scan.clean(directory)
        }
        return first
    }
}
