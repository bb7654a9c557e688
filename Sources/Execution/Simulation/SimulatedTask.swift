import Files
import Foundation
import Store

/// What a node of a simulated cluster does for a stage whose only output is `files`.
package enum SimulatedTask {
    /// Runs the task in a file: writes `text` into the file `file` of the output, and publishes the result. The log gets
    /// a line with the name of the start if `hasLog`. Does nothing if the task is gone, because its stage is finished.
    package static func run(
        _ file: String, _ place: TaskPlace, hasLog: Bool = false,
        text: (TaskDescription) throws -> String
    ) throws {
        guard FileManager.default.fileExists(atPath: file) else { return }
        let task = try TaskDescription(path: file)
        let start = try TaskStart(in: FilePath.parent(file), host: place.host)
        if hasLog { try TaskResult.write(Array("\(start.path)\n".utf8), to: start.log) }
        let output = start.output("files")
        try DirectoryTree.make(output)
        try text(task).write(toFile: output + "/file", atomically: false, encoding: .utf8)
        let result = TaskResult(
            start: start.path, status: 0, error: nil, isLasting: false, seconds: 1, cpuSeconds: 1,
            peakMemory: 1, outputs: ["files": try ArtifactContents(of: output).digest.hex],
            place: place)
        _ = try result.publish(
            at: TaskDirectory.result(of: task.name, beside: FilePath.parent(file)))
    }
}
