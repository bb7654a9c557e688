import Files
import Foundation
import Glibc
import JSON
import Reasoning

/// A directory in which an engine asks for the rewards of completions. It writes `asked-STEP.jsonl`, and waits for
/// `rewards-STEP.jsonl`, or until the directory is gone. All files appear under their names as a whole.
package struct RewardExchange {
    private let directory: String

    /// Makes the directory.
    package init(_ directory: String) throws {
        self.directory = directory
        try CheckpointShelf.make(directory)
    }

    /// A completion whose reward is asked for.
    package struct Completion: Decodable, Hashable {
        /// The number of the prompt, from 0.
        package let prompt: Int
        package let tokens: [Int32]
    }

    /// Answers everything that is asked now. `rewards` returns a number for each completion of a step, or `nil` if it is
    /// not to be used.
    package func answer(_ rewards: (_ step: Int, [Completion]) throws -> [Double?]) throws {
        for name in FileNames.all(in: directory) {
            guard name.hasPrefix("asked-"), name.hasSuffix(".jsonl"),
                let step = Int(name.dropFirst("asked-".count).dropLast(".jsonl".count))
            else { continue }
            let path = "\(directory)/\(name)"
            let values = try rewards(step, JSONLines.read(Completion.self, from: path))
            let lines = values.map { $0.map { JSONValue.number($0).canonical } ?? "null" }
            guard unlink(path) == 0 else {
                throw EngineError.unwritable(path, reason: String(cString: strerror(errno)))
            }
            try CheckpointShelf.write(
                Array((lines.joined(separator: "\n") + "\n").utf8),
                to: "\(directory)/rewards-\(step).jsonl")
        }
    }

    /// Tells the engine that no rewards will follow. The directory gets another name, which needs no space: a full disk
    /// may be the reason.
    package func close() throws {
        guard rename(directory, directory + ".closed") == 0 else {
            throw EngineError.unwritable(directory, reason: String(cString: strerror(errno)))
        }
    }
}
