import Foundation
import Pipeline
import Reasoning

/// The work of the steps of a stage whose outputs do not tell it. Each step has a file in the work directory, so that
/// later attempts know the work of earlier ones; a step that is taken again replaces its file.
struct WorkLedger {
    private let directory: String

    init(_ context: StageContext) throws {
        directory = context.work + "/measured"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    private func path(_ step: Int) -> String { "\(directory)/\(step).jsonl" }

    /// Records the work of a step.
    func record(_ work: MeasuredWork, step: Int) throws {
        try JSONLines.write([work], to: path(step))
    }

    /// The work of steps together; `nil` if one was not recorded, as in an attempt by an earlier version.
    func total(of steps: some Sequence<Int>) throws -> MeasuredWork? {
        var total = MeasuredWork()
        for step in steps {
            guard FileManager.default.fileExists(atPath: path(step)) else { return nil }
            total = try JSONLines.read(MeasuredWork.self, from: path(step)).reduce(total, +)
        }
        return total
    }
}
