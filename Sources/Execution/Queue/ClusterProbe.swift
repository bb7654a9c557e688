import Files
import Foundation
import Glibc
import Pipeline
import Store

/// One small real task, which proves that a node sees the shared directory, that the program starts there, and that its
/// result and outputs are seen here.
package struct ClusterProbe: Sendable {
    /// What became of the task.
    package enum Outcome: Hashable, Sendable {
        case ran(TaskPlace)
        /// With the reason and the remedy.
        case failed(String)
    }

    private let settings: QueueSettings

    /// A job without inputs, and the names of its outputs.
    private let job: Job
    private let outputs: [String]

    /// How long the task may take, in seconds, which includes its time in the queue.
    private let limit: Double

    package init(_ settings: QueueSettings, job: Job, outputs: [String], limit: Double = 300) {
        self.settings = settings
        self.job = job
        self.outputs = outputs
        self.limit = limit
    }

    /// Submits the task and waits for its end. All its files are removed if it ends.
    package func run() async throws -> Outcome {
        let shared = settings.shared
        let number = String(UInt64.random(in: 0 ... .max), radix: 36)
        let key = Digest(of: "doctor \(number)")
        let name = TaskDirectory.name(key, 1)
        let directory = shared.tasks(key)
        let file = directory + "/a1.json"
        let submission = Submission(
            name: "vireo-doctor-\(number)", list: "\(shared.arrays)/vireo-doctor-\(number)",
            count: 1, needs: needs)
        try DirectoryTree.make(directory)
        let task = TaskDescription(
            name: name, program: settings.programDigest, job: job, outputs: outputs,
            inputs: shared.artifacts, memory: nil, timeout: nil, files: [], digests: [:],
            hasSecrets: false)
        try TaskResult.write(Array(task.json.canonical.utf8), to: file)
        try TaskResult.write(Array("\(file)\n".utf8), to: submission.list)
        var job = ""
        switch await settings.system.submit(submission) {
        case .submitted(let id): job = id
        case .unknown: break
        case .refused(let reason): return .failed(QueueError.refused(reason).description)
        }
        let path = TaskDirectory.result(of: name, beside: directory)
        let output = "\(shared.arrays)/\(submission.name)-0.txt"
        var (waited, word) = (0.0, "")
        var goneSince: Double?
        while waited < limit {
            if let result = try TaskResult.read(path) {
                let outcome = outcome(of: result)
                for path in [directory, path, submission.list, submission.list + ".sh", output] {
                    try DirectoryTree.remove(path)
                }
                return outcome
            }
            if let tasks = await settings.system.tasks(named: submission.name) {
                let task = tasks.first { $0.phase != .ended }
                word = [task?.state ?? "", task?.reason ?? ""].filter { !$0.isEmpty }
                    .joined(separator: ", ")
                goneSince = task == nil ? goneSince ?? waited : nil
            }
            if let goneSince, waited - goneSince >= settings.profile.visibility / .seconds(1) {
                return .failed(
                    "the task \(job)_0 ended, but its result is not seen here: the node does not see "
                        + "\(shared.path), or the program does not start there"
                        + TaskOutput(output).description)
            }
            await settings.clock.sleep(Self.pause)
            waited += Self.pause
        }
        await settings.system.cancel([.init(job: job, index: 0)])
        return .failed(
            "the task \(job)_0 did not end within \(Int(limit)) s"
                + (word.isEmpty ? "" : " (\(word))") + " and was cancelled: see squeue --me")
    }

    private static let pause = 1.0

    /// The least that a task needs, with the memory of the profile.
    private var needs: TaskNeeds {
        var needs = TaskNeeds()
        needs.memory = settings.profile.defaults.memory
        needs.seconds = 60
        return needs
    }

    private func outcome(of result: TaskResult) -> Outcome {
        guard result.status == 0 else {
            return .failed(
                "the task failed on \(result.place.host): \(result.error ?? "without a message")")
        }
        let start = TaskStart(path: result.start)
        for name in outputs {
            do {
                let digest = try ArtifactContents(of: start.output(name)).digest.hex
                if digest == result.outputs[name] { continue }
            } catch {
                return .failed("an output of the task is not seen here: \(error)")
            }
            return .failed("an output of the task has another content here: \(start.output(name))")
        }
        return .ran(result.place)
    }
}
