import Foundation
import Pipeline
import Reasoning

/// Work in numbered parts whose results survive an interruption: each part is a file in the work
/// directory, written by rename, and a later attempt computes only those that are missing.
struct Parts {
    let context: StageContext
    let name: String
    let unit: String

    /// All records, in order: `count` items in parts of `size`; `body` computes one part's records.
    func records<Record: Codable>(
        count: Int, size: Int, _ body: (Range<Int>) throws -> [Record]
    ) throws -> [Record] {
        let directory = context.work + "/\(name)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        let starts = Array(stride(from: 0, to: count, by: size))
        func path(_ start: Int) -> String { "\(directory)/\(start).jsonl" }
        let finished = starts.filter { FileManager.default.fileExists(atPath: path($0)) }.count
        if finished > 0 { context.emit(.resumed(step: finished)) }
        var records: [Record] = []
        for (index, start) in starts.enumerated() {
            let range = start..<min(start + size, count)
            if FileManager.default.fileExists(atPath: path(start)) {
                records += try JSONLines.read(Record.self, from: path(start))
            } else {
                if context.isCancelled() { throw CancellationError() }
                let part = try body(range)
                try JSONLines.write(part, to: path(start))
                context.emit(.checkpoint(step: index + 1))
                records += part
            }
            context.emit(.progress(done: range.upperBound, total: count, unit: unit))
        }
        return records
    }
}
