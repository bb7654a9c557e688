import Execution
import Files
import Foundation
import Pipeline
import Store
import Synchronization
import TestSupport
import Testing

/// Where the stages of a run are, as other processes see it in the store.
@Suite(.timeLimit(.minutes(10)))
struct PlaceTests {
    private let toy: ToyWorker
    private let shared: SharedDirectory

    init() throws {
        toy = try ToyWorker()
        shared = SharedDirectory(toy.directory + "/shared", store: toy.directory, host: "here")
        try shared.prepare()
    }

    /// The place of the only stage of the first run, as a reader of the store sees it.
    private static func place(in directory: String) throws -> String {
        let store = try Store.open(directory: directory + "/store", mode: .readOnly)
        defer { try? store.close() }
        guard let stage = try store.stages(RunID(rawValue: 1)).first else { return "none" }
        return "\(stage.job ?? "-") \(stage.node ?? "-") \(stage.isQueued ? "queued" : "started")"
    }

    @Test(
        "A stage is queued until its task starts and while it waits again, and keeps the node that had the result"
    )
    func places() async throws {
        let directory = toy.directory
        let places = Mutex<[String]>([])
        let system = ScriptedSystem { question, file in
            try places.withLock { $0.append(try Self.place(in: directory)) }
            switch question {
            case 1: return .waiting
            case 2: _ = try TaskStart(in: FilePath.parent(file), host: "n2")
            case 3: return .waiting
            case 4: _ = try TaskStart(in: FilePath.parent(file), host: "rack-1-n3")
            default:
                try SimulatedTask.run(file, TaskPlace(host: "n4", job: "7_0", restarts: 2)) { _ in
                    "text"
                }
                return .ended
            }
            return .running
        }
        let store = try toy.open()
        var profile = Profile(name: "toy", system: .slurm)
        profile.shared = shared.path
        profile.poll = .seconds(2)
        let yaml = "name: toy\nstages: { first: { uses: make } }\n"
        let options = RunOptions(
            capacity: Capacity(cpus: 8, jobs: 8), worker: [], environment: [:],
            directory: directory,
            queue: QueueSettings(
                profile: profile, shared: shared, system: system, clock: system.clock))
        let summary = try await Coordinator(store: store, options: options) { _ in }.run(
            try toy.plan(yaml),
            as: RunDescription(pipeline: "toy", path: "toy.yaml", source: yaml, program: "test"))
        let events = try store.stages(named: "first").flatMap(\.events).map(\.kind)
        try store.close()
        #expect(summary.outcome == .done)
        #expect(
            places.withLock { $0 } == [
                "7_0 - queued", "7_0 - queued", "7_0 n2 started", "7_0 - queued",
                "7_0 rack-1-n3 started",
            ])
        #expect(try Self.place(in: directory) == "7_0 n4 started")
        #expect(events == ["started", "finished"])
        #expect(system.error == nil)
    }
}

/// A batch system with one task, whose state follows from the number of the question about the queue. A class, because
/// it counts.
private final class ScriptedSystem: BatchSystem {
    private struct State {
        var time = 0.0
        var name: String?
        var file = ""
        var questions = 0
        var error: String?
    }

    private let answer: @Sendable (_ question: Int, _ file: String) throws -> QueuedTask.Phase
    private let state = Mutex(State())

    init(
        _ answer: @escaping @Sendable (_ question: Int, _ file: String) throws -> QueuedTask.Phase
    ) {
        self.answer = answer
    }

    var error: String? { state.withLock { $0.error } }

    /// Sleeping lets time pass.
    var clock: TaskClock {
        TaskClock(
            now: { self.state.withLock { $0.time } },
            sleep: { seconds in
                self.state.withLock { $0.time += seconds }
                usleep(100)
                await Task.yield()
            })
    }

    func submit(_ submission: Submission) async -> SubmissionAnswer {
        state.withLock { state in
            state.name = submission.name
            let list = FileManager.default.contents(atPath: submission.list) ?? Data()
            state.file = String(decoding: list, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return .submitted("7")
    }

    func tasks(named prefix: String) async -> [QueuedTask]? {
        state.withLock { state in
            guard let name = state.name else { return [] }
            state.questions += 1
            do {
                return [
                    QueuedTask(
                        id: .init(job: "7", index: 0), name: name, state: "",
                        phase: try answer(state.questions, state.file))
                ]
            } catch {
                state.error = "\(error)"
                return []
            }
        }
    }

    func endedTasks(of name: String) async -> [QueuedTask] { [] }

    func test(_ needs: TaskNeeds, count: Int) async -> SubmissionVerdict { .accepted }

    func canPass(_ variable: String) -> Bool { true }

    func cancel(_ tasks: [QueuedTask.ID]) async -> Bool { true }
}
