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
    static var description: [String: Value] {
        [
            "processor": .text(Processor.current.name),
            "cores": .integer(cores),
            "memory": .integer(Int(ProcessInfo.processInfo.physicalMemory)),
            "system": .text(ProcessInfo.processInfo.operatingSystemVersionString),
            "kernels": .text(Transformer.kernels),
        ]
    }
}
