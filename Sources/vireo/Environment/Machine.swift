import Foundation
import Glibc
import JSON
import LanguageModel
import Pipeline

/// The machine that a run is on.
enum Machine {
    /// Processors that this process may use.
    static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The absolute path of this program.
    static func executable() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// What the numbers of a run may depend on, for the record.
    static func description() throws -> [String: JSONValue] {
        let processor = Processor.current(with: try .chosen())
        return [
            "processor": .string(processor.name),
            "cores": .integer(cores),
            "memory": .integer(Int(ProcessInfo.processInfo.physicalMemory)),
            "system": .string(ProcessInfo.processInfo.operatingSystemVersionString),
            "kernels": .string(processor.kernels),
            "products": .string(processor.products),
        ]
    }
}
