import Foundation
import Glibc
import Pipeline

/// The variables that a command sees and nobody else gets to see.
package struct Secrets: Sendable {
    package let values: [String: String]
    private let mask: SecretMask
    /// By the name of the variable.
    private let masks: [(name: String, mask: SecretMask)]

    /// The values of the variables called `names`. Throws `StageError` if one has none, or one so short that
    /// much else holds it.
    package init(_ names: [String], from variables: [String: String]) throws(StageError) {
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

    /// Bytes of the longest spelling of a value; 0 without any.
    package var longest: Int { mask.longest }

    /// `text` with `***` for every value.
    package func masked(_ text: String) -> String { mask.masked(text) }

    /// Bytes as text, with `***` for every value.
    package func masked(_ bytes: UnsafeRawBufferPointer) -> String {
        mask.masked(bytes).map { String(decoding: $0, as: UTF8.self) }
            ?? String(decoding: bytes, as: UTF8.self)
    }

    /// Bytes with `***` for every value; nil if they hold none.
    func hidden(in bytes: UnsafeRawBufferPointer) -> [UInt8]? { mask.masked(bytes) }

    /// The name of a variable whose value the bytes hold.
    package func name(in bytes: UnsafeRawBufferPointer) -> String? {
        guard mask.isFound(in: bytes) else { return nil }
        return masks.first { $0.mask.isFound(in: bytes) }?.name
    }

    /// Removes what holds a value, in its name or its content, from outputs and from what is beside them;
    /// returns what to say of the first in an output, `nil` if there is none.
    package func removeLeaks(from outputs: [String: String], and work: String) throws -> StageError?
    {
        guard !values.isEmpty else { return nil }
        var first: StageError?
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
