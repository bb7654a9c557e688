import Foundation
import Glibc
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
    static func description() throws -> [String: Value] {
        let processor = Processor.current(with: try .chosen())
        return [
            "processor": .text(processor.name),
            "cores": .integer(cores),
            "memory": .integer(Int(ProcessInfo.processInfo.physicalMemory)),
            "system": .text(ProcessInfo.processInfo.operatingSystemVersionString),
            "kernels": .text(processor.kernels),
            "products": .text(processor.products),
        ]
    }
}
