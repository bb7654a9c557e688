import Foundation
import Pipeline
import Reasoning

/// Work in numbered parts whose results survive interruptions. Each part is a file in the work directory,
/// written atomically; a later attempt computes only missing parts.
struct ResumableShards {
    let context: StageContext
    let name: String
    let unit: String

    /// All records, in order: `count` items in parts of `size`. `body` computes the records of one part.
    func records<Record: Codable>(
        count: Int, size: Int, _ body: (Range<Int>) async throws -> [Record]
    ) async throws -> [Record] {
        let ranges = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
        return try await records(count: count, in: ranges, body)
    }

    /// The same with parts of any size; none may be empty.
    func records<Record: Codable>(
        count: Int, in ranges: [Range<Int>], _ body: (Range<Int>) async throws -> [Record]
    ) async throws -> [Record] {
        let directory = context.work + "/\(name)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        func path(_ range: Range<Int>) -> String { "\(directory)/\(range.lowerBound).jsonl" }
        let finished = ranges.filter { FileManager.default.fileExists(atPath: path($0)) }.count
        if finished > 0 { context.emit(.resumed(step: finished)) }
        var records: [Record] = []
        for (index, range) in ranges.enumerated() {
            if FileManager.default.fileExists(atPath: path(range)) {
                records += try JSONLines.read(Record.self, from: path(range))
            } else {
                if context.isCancelled() { throw CancellationError() }
                let part = try await body(range)
                try JSONLines.write(part, to: path(range))
                context.emit(.checkpoint(step: index + 1))
                records += part
            }
            context.emit(.progress(done: range.upperBound, total: count, unit: unit))
        }
        return records
    }
}
