import Foundation
import Glibc
import JSON
import LanguageModel
import Pipeline

/// The machine of a run.
enum Machine {
    /// The number of processors that this process may use.
    static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The absolute path of this program.
    static func executable() throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    /// The properties of the machine that the results of a run may depend on, as recorded with the run.
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
