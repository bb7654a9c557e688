import Execution
import Files
import Pipeline
import Synchronization
import Testing

@Suite("The test of submissions", .timeLimit(.minutes(10)))
struct SubmissionTestTests {
    /// A batch system that only answers tests. A class, because it counts them.
    private final class Clerk: BatchSystem {
        private let answer: @Sendable (TaskNeeds) -> SubmissionVerdict
        private let asked = Mutex<[String]>([])

        init(_ answer: @escaping @Sendable (TaskNeeds) -> SubmissionVerdict) {
            self.answer = answer
        }

        /// The CPUs and the number of tasks of each test.
        var tests: [String] { asked.withLock { $0 } }

        func test(_ needs: TaskNeeds, count: Int) async -> SubmissionVerdict {
            asked.withLock { $0.append("\(needs.cpus) CPUs, \(count)") }
            return answer(needs)
        }

        func submit(_ submission: Submission) async -> SubmissionAnswer { .refused("a test") }
        func tasks(named prefix: String) async -> [QueuedTask]? { nil }
        func endedTasks(of name: String) async -> [QueuedTask] { [] }
        func canPass(_ variable: String) -> Bool { true }
        func cancel(_ tasks: [QueuedTask.ID]) async -> Bool { false }
    }

    private static let kind = StageKind(
        name: "make", version: 1, summary: "Makes a file.",
        outputs: [StageKind.Output("out", .files, "It.")])

    private static let text = """
        name: p
        matrix: { seed: [0, 1, 2] }
        stages:
          small: { uses: make, replicates: seed }
          other: { uses: make, replicates: seed, resources: { memory: 1GB } }
          same: { uses: make, replicates: seed, timeout: 1m }
          large: { uses: make, replicates: seed, resources: { cpus: 64 } }
        """

    /// Asks the system about all stages. Returns the notes.
    private func ask(_ clerk: Clerk, array: Int = 1_000) async throws -> [String] {
        let parsed = Pipeline.parse(
            SourceFile(path: "p.yaml", text: Self.text), kinds: [Self.kind])
        let pipeline = try #require(parsed.value, "\(parsed.diagnostics)")
        let plan = try #require(pipeline.plan(digestOfFile: { _ in Digest(of: "") }).value)
        var profile = Profile(name: "toy", system: .slurm)
        profile.shared = "/shared"
        profile.arraySize = array
        let settings = QueueSettings(
            profile: profile, shared: SharedDirectory("/shared", store: "/store", host: "here"),
            system: clerk)
        var notes: [String] = []
        try await SubmissionTest(of: plan.stages, settings: settings, environment: [:])
            .run { notes.append($0) }
        return notes
    }

    @Test("The system is asked once for each distinct set of needs, with the size of the array")
    func distinct() async throws {
        let clerk = Clerk { _ in .accepted }
        #expect(try await ask(clerk) == [])
        #expect(clerk.tests == ["1 CPUs, 6", "1 CPUs, 3", "64 CPUs, 3"])
        let small = Clerk { _ in .accepted }
        _ = try await ask(small, array: 4)
        #expect(small.tests == ["1 CPUs, 4", "1 CPUs, 3", "64 CPUs, 3"])
    }

    @Test("A refusal is reported once with the stages that it concerns, and all refusals together")
    func refusals() async throws {
        let clerk = Clerk { needs in
            needs.memory == nil ? .refused("no node has \(needs.cpus) CPUs") : .accepted
        }
        let error = await #expect(throws: SubmissionTestError.self) { try await ask(clerk) }
        #expect(
            error?.description == """
                the batch system would refuse the stages `small`, `same` (1 CPU): no node has 1 CPUs
                vireo: error: the batch system would refuse the stage `large` (64 CPUs): no node has 64 CPUs
                """)
    }

    @Test("A system that does not answer gives no verdict, is asked no more, and the run goes on")
    func silence() async throws {
        let clerk = Clerk { _ in .open("Unable to contact slurm controller (connect failure)") }
        #expect(
            try await ask(clerk) == [
                "the batch system gives no verdict on the stages `small`, `same`, and the run goes on: "
                    + "Unable to contact slurm controller (connect failure)"
            ])
        #expect(clerk.tests.count == 1)
    }
}
