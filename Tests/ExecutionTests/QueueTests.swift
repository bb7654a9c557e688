import Execution
import Files
import Foundation
import Pipeline
import Store
import Synchronization
import TestSupport
import Testing

/// Runs of the toy pipeline on a simulated cluster, whose nodes write what the toy worker would write.
@Suite(.timeLimit(.minutes(10)))
struct QueueTests {
    private static let fan = """
        name: toy
        stages:
          first: { uses: make, with: { text: hello } }
          many: { uses: copy, in: { from: first }, matrix: { do: [write, constant] }, with: { do: "${matrix.do}" } }
          last: { uses: copy, in: { from: many } }
        """

    @Test("A run on a cluster has the artifacts of a local run, and leaves nothing behind")
    func same() async throws {
        let local = try ToyWorker()
        let run = try await local.run(Self.fan)
        let cluster = try ToyCluster()
        let summary = try await cluster.run(Self.fan)
        #expect(summary.outcome == .done && summary.ran == run.ran)
        for stage in ["first", "many[do=write]", "many[do=constant]", "last"] {
            #expect(try cluster.toy.text(stage) == local.text(stage))
        }
        #expect(try cluster.leftovers() == [])
        #expect(cluster.system.counts.starts.values.allSatisfy { $0 == 1 })
        let again = try await cluster.run(Self.fan)
        #expect(again.cached == 4 && again.ran == 0)
    }

    @Test(
        "Whatever is lost, doubled or preempted, every stage has one result, and it is the right one",
        arguments: 0..<20)
    func faults(seed: Int) async throws {
        var faults = SimulatedCluster.Faults()
        faults.failure = 0.05
        faults.preemption = 0.15
        faults.splitBrain = 0.15
        faults.lostAnswer = 0.2
        faults.lostSubmission = 0.2
        faults.outage = 0.2
        let cluster = try ToyCluster(faults: faults, seed: seed)
        let yaml = """
            name: toy
            matrix: { seed: [1, 2, 3, 4, 5, 6] }
            stages:
              first: { uses: make, with: { text: "text ${matrix.seed}" } }
              second: { uses: copy, in: { from: first } }
              third: { uses: copy, in: { from: second } }
            """
        let told = Mutex<[String]>([])
        let summary = try await cluster.run(yaml) { event in
            switch event {
            case .failed, .noticed: told.withLock { $0.append("\(event)") }
            default: break
            }
        }
        // The third stage copies what the second copied, so its result is known.
        #expect(
            summary.outcome == .done && summary.ran == 12 && summary.cached == 6,
            "\(told.withLock { $0 })")
        let lines = try cluster.logLines()
        #expect(lines.count >= 12 && Set(lines).count == lines.count)
        // What late copies wrote is removed by the next run.
        #expect(try await cluster.run(yaml).cached == 18)
        for seed in 1...6 { #expect(try cluster.toy.text("third[seed=\(seed)]") == "text \(seed)") }
        #expect(try cluster.leftovers() == [])
        #expect(
            try cluster.count("SELECT count(*) AS number FROM execution WHERE state = 'done'") == 12
        )
        #expect(
            try cluster.count("SELECT count(*) AS number FROM execution WHERE state <> 'done'") == 0
        )
    }

    @Test(
        "A later process waits for the jobs of an earlier one, and submits nothing twice",
        arguments: 0..<10)
    func adoption(seed: Int) async throws {
        let yaml = """
            name: toy
            matrix: { seed: [1, 2, 3, 4, 5, 6, 7, 8] }
            stages:
              first: { uses: make, with: { text: "text ${matrix.seed}" } }
              second: { uses: copy, in: { from: first } }
            """
        let cluster = try ToyCluster(seed: seed)
        var outcomes: [RunOutcome] = []
        for round in 0..<8 {
            let limit = round < 7 ? 1 + (seed + round) % 5 : .max
            outcomes.append(try await cluster.run(yaml, stoppedAfter: limit).outcome)
        }
        #expect(outcomes.last == .done)
        #expect(cluster.system.counts.starts.count == 16)
        #expect(cluster.system.counts.starts.values.allSatisfy { $0 == 1 })
        #expect(try cluster.leftovers() == [])
        // The log of the last attempt has also what earlier ones copied.
        #expect(
            try cluster.finishedLogs().map { $0.split(separator: "\n").count }
                == Array(repeating: 1, count: 16))
    }

    @Test("A batch for which the time of a job does not suffice ends after several jobs")
    func longBatch() async throws {
        var faults = SimulatedCluster.Faults()
        faults.tasks = 1
        let cluster = try ToyCluster(faults: faults)
        let yaml = """
            name: toy
            matrix: { seed: [1, 2, 3, 4, 5, 6] }
            stages:
              first: { uses: make, with: { text: "text ${matrix.seed}" } }
            """
        #expect(try await cluster.run(yaml).ran == 6)
        // Now it is known that the stages are short.
        let changed = yaml.replacing("text $", with: "other $")
        let summary = try await cluster.run(changed, batch: .seconds(3600))
        #expect(summary.outcome == .done && summary.ran == 6)
        #expect(cluster.system.counts.starts.values.allSatisfy { $0 == 1 })
    }

    @Test("New tasks are gathered for an array while others still wait in the queue")
    func gathering() async throws {
        let cluster = try ToyCluster(seconds: 20...20)
        let yaml = """
            name: toy
            matrix: { number: [\((1...60).map(String.init).joined(separator: ", "))] }
            stages:
              one: { uses: make, with: { text: "text ${matrix.number}" } }
            """
        // Four nodes end the first twenty of forty tasks in 100 s, and as many may be submitted then.
        let summary = try await cluster.run(yaml, jobs: 40, poll: .seconds(20))
        #expect(summary.ran == 60)
        #expect(cluster.system.counts.submissions <= 10)
    }

    @Test("Copies that the system starts of tasks with a result are cancelled")
    func needless() async throws {
        var faults = SimulatedCluster.Faults()
        faults.splitBrain = 1
        faults.copiesHang = true
        let cluster = try ToyCluster(faults: faults)
        // There are four nodes, which copies would keep for ever.
        let summary = try await cluster.run(
            """
            name: toy
            matrix: { seed: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }
            stages:
              first: { uses: make, with: { text: "text ${matrix.seed}" } }
            """)
        #expect(summary.outcome == .done && summary.ran == 12)
    }

    @Test("Each job is reported once, with the stages of its tasks")
    func submissions() async throws {
        let cluster = try ToyCluster()
        let told = Mutex<[(stages: [String], job: String, isNew: Bool)]>([])
        let summary = try await cluster.run(Self.fan) { event in
            guard case .submitted(let stages, let job, let isNew) = event else { return }
            told.withLock { $0.append((stages, job, isNew)) }
        }
        #expect(summary.outcome == .done)
        let submissions = told.withLock { $0 }
        #expect(
            submissions.flatMap { $0.stages }.sorted() == [
                "first", "last", "many[do=constant]", "many[do=write]",
            ])
        #expect(
            submissions.map { $0.job }.sorted() == submissions.indices.map { "\($0 + 1)" })
        #expect(submissions.allSatisfy { $0.isNew })
    }

    @Test("A run says early that a result is late, and where the output of its job is")
    func late() async throws {
        var faults = SimulatedCluster.Faults()
        faults.failure = 1
        let cluster = try ToyCluster(faults: faults)
        let told = Mutex<[String]>([])
        _ = try await cluster.run(
            "name: toy\nstages: { first: { uses: make } }\n", visibility: .seconds(60)
        ) { event in
            if case .noticed(let text) = event { told.withLock { $0.append(text) } }
        }
        let first = try #require(told.withLock { $0 }.first)
        #expect(
            first.hasPrefix(
                "the task 1_0 has ended, and its result is not visible yet; it has no output in /"))
        #expect(first.hasSuffix("-0.txt: the node may not see this directory"))
        #expect(told.withLock { $0 }.count { $0.contains("not visible yet") } == 3)
    }

    @Test("A job of an earlier run is reported as such")
    func adopted() async throws {
        let cluster = try ToyCluster(seconds: 1e12...1e12)
        let yaml = "name: toy\nstages: { first: { uses: make } }\n"
        let told = Mutex<[RunEvent]>([])
        for _ in 0..<2 {
            // The third event is the submission.
            _ = try await cluster.run(yaml, stoppedAfter: 2) { event in
                if case .submitted = event { told.withLock { $0.append(event) } }
            }
        }
        #expect(
            told.withLock { $0 } == [
                .submitted(stages: ["first"], job: "1", isNew: true),
                .submitted(stages: ["first"], job: "1", isNew: false),
            ])
    }

    @Test("A stopped run cancels its jobs")
    func cancelling() async throws {
        let cluster = try ToyCluster(seconds: 1e12...1e12)
        let summary = try await cluster.run(Self.fan, stoppedAfter: 1, isDetached: false)
        #expect(summary.outcome == .cancelled)
        #expect(cluster.system.counts.starts.isEmpty)
        #expect(try cluster.count("SELECT count(*) AS number FROM submission") == 0)
        #expect(
            await cluster.system.tasks(named: "vireo-")?.allSatisfy { $0.phase == .ended } == true)
    }

    @Test(
        "A run on this machine takes back the jobs that an earlier run has left for its stages",
        arguments: [false, true])
    func takenBack(isReachable: Bool) async throws {
        let cluster = try ToyCluster(seconds: 1e12...1e12)
        let left = try await cluster.run(Self.fan, isStoppedAfterSubmission: true)
        #expect(left.outcome == .cancelled)
        #expect(try cluster.count("SELECT count(*) AS number FROM submission") == 1)
        let notices = Mutex<[String]>([])
        let local = try await cluster.toy.run(
            Self.fan, earlierSystem: isReachable ? cluster.system : nil
        ) { event in
            if case .noticed(let text) = event { notices.withLock { $0.append(text) } }
        }
        #expect(local.outcome == .done && local.ran == 4)
        #expect(
            notices.withLock { $0 } == [
                isReachable
                    ? "first: its task 1_0, which an earlier run has submitted, is cancelled"
                    : "first: its task 1_0, which an earlier run has submitted, may still be in the queue: `scancel 1_0` "
                        + "cancels it"
            ])
        let queued = await cluster.system.tasks(named: "vireo-") ?? []
        #expect(queued.allSatisfy { $0.phase == .ended } == isReachable)
        #expect(try cluster.count("SELECT count(*) AS number FROM submission") == 0)
    }

    @Test("A run on this machine removes what a failed node has left of a stage with secrets")
    func secretsTakenBack() async throws {
        let yaml = """
            name: toy
            stages:
              first: { uses: make.secretly, with: { text: hello, secrets: [TOKEN] } }
            """
        let cluster = try ToyCluster(seconds: 1e12...1e12)
        _ = try await cluster.run(yaml, isStoppedAfterSubmission: true)
        let key = try #require(try cluster.toy.plan(yaml)["first"]).keyDocument(inputs: [:]).key
        let left = try TaskStart(in: cluster.shared.tasks(key), host: "n1")
        try "secret".write(toFile: left.work + "/file", atomically: false, encoding: .utf8)
        #expect(try await cluster.toy.run(yaml, earlierSystem: cluster.system).outcome == .done)
        #expect(try cluster.leftovers() == [])
    }

    @Test("Garbage collection keeps what the queue and the next run need, and removes the rest")
    func collection() async throws {
        let cluster = try ToyCluster(seconds: 1e12...1e12)
        _ = try await cluster.run(Self.fan, isStoppedAfterSubmission: true)
        let shared = cluster.shared
        let other = Digest(of: "other").hex
        let old = Date(timeIntervalSinceNow: -40 * 86_400)
        let kept = Digest(of: "kept")
        let files =
            [
                "tasks/\(other)/a1.json", "results/\(other).a1.json", "artifacts/\(other)/file",
                "arrays/vireo-a-b", "arrays/vireo-a-b.sh", "arrays/vireo-a-b-0.txt",
            ].map { shared.own + "/" + $0 }
            + [other, kept.hex].map { "\(shared.programs)/\($0)/vireo" }
        for file in files + ["\(shared.arrays)/vireo-a-young"] {
            try FileManager.default.createDirectory(
                atPath: FilePath.parent(file), withIntermediateDirectories: true)
            try "left".write(toFile: file, atomically: false, encoding: .utf8)
        }
        // That a job of the queue is old does not matter.
        let arrays = try FileManager.default.contentsOfDirectory(atPath: shared.arrays)
            .map { shared.arrays + "/" + $0 }
        for file in files + arrays where !file.hasSuffix("young") {
            try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: file)
        }
        func collect(isDryRun: Bool = false) throws -> [Reclamation.Part: Int] {
            let store = try cluster.toy.open()
            defer { try? store.close() }
            let options = Reclamation.Options(
                isDryRun: isDryRun, shared: shared.files(keeping: kept))
            return try store.collect(options).amounts.mapValues(\.count)
                .filter { [.tasks, .jobs, .inputs, .programs].contains($0.key) }
        }
        func remaining(_ files: [String]) -> [String] {
            files.filter { FileManager.default.fileExists(atPath: $0) }
        }
        let removed: [Reclamation.Part: Int] = [.tasks: 1, .jobs: 4, .inputs: 1, .programs: 1]
        #expect(try collect(isDryRun: true) == removed)
        #expect(remaining(files) == files)
        #expect(try collect() == removed)
        #expect(remaining(files) == ["\(shared.programs)/\(kept.hex)/vireo"])
        #expect(remaining(arrays) == arrays.filter { !$0.contains("vireo-a-b") })

        // A stage that was stopped resumes, until a run has another key for it.
        let key = try #require(try cluster.toy.plan(Self.fan)["first"]).keyDocument(inputs: [:]).key
        let store = try cluster.toy.open()
        try store.forgetSubmissions(of: key)
        try store.close()
        #expect(try collect()[.tasks] == nil)
        let changed = Self.fan.replacing("hello", with: "good day")
        _ = try await cluster.run(changed, isStoppedAfterSubmission: true)
        #expect(try collect()[.tasks] == 1)
        #expect(remaining([shared.tasks(key)]) == [])
    }

    @Test("A refused submission fails its stages with the words of the system")
    func refusal() async throws {
        var faults = SimulatedCluster.Faults()
        faults.refusal = 1
        let cluster = try ToyCluster(faults: faults)
        let errors = Mutex<[String]>([])
        let summary = try await cluster.run(Self.fan) { event in
            if case .failed(_, let error, _) = event { errors.withLock { $0.append(error) } }
        }
        #expect(summary.outcome == .failed)
        #expect(
            errors.withLock { $0 } == ["the batch system refused the job: invalid partition"])
    }

    @Test(
        "A task that ends without a result is submitted three times, unless its state says why",
        arguments: [
            (
                "NODE_FAIL", 3,
                "the task 3_0 ended 3 times without a result; its last state was NODE_FAIL"
            ),
            (
                "COMPLETED", 3,
                "the task 3_0 ended 3 times without a result; its last state was COMPLETED"
            ),
        ])
    func lost(state: String, submissions: Int, error: String) async throws {
        var faults = SimulatedCluster.Faults()
        faults.failure = 1
        faults.failureState = state
        let cluster = try ToyCluster(faults: faults)
        let errors = Mutex<[String]>([])
        _ = try await cluster.run(Self.fan) { event in
            if case .failed(_, let error, _) = event { errors.withLock { $0.append(error) } }
        }
        // The simulated system writes no output.
        let missing = "; it has no output in \(cluster.shared.arrays)/vireo-"
        let told = errors.withLock { $0 }
        #expect(told.count == 1 && told[0].hasPrefix(error + missing), "\(told)")
        #expect(told[0].hasSuffix("-0.txt: the node may not see this directory"))
        #expect(cluster.system.counts.submissions == submissions)
    }
}

/// A toy store whose stages run on a simulated cluster.
struct ToyCluster {
    let toy: ToyWorker
    let system: SimulatedCluster
    let shared: SharedDirectory

    init(
        faults: SimulatedCluster.Faults = .init(), seconds: ClosedRange<Double> = 1...30,
        seed: Int = 1
    ) throws {
        let toy = try ToyWorker()
        self.toy = toy
        shared = SharedDirectory(toy.directory + "/shared", store: toy.directory, host: "here")
        try shared.prepare()
        let random = Mutex(SeededRandom(seed: UInt64(seed)))
        system = SimulatedCluster(nodes: 4, seconds: seconds, faults: faults) {
            random.withLock { Double($0.next() >> 11) * 0x1p-53 }
        } work: { file, place in
            try SimulatedTask.run(file, place, hasLog: true, text: Self.text)
        }
    }

    /// What the toy worker would write for a task.
    private static func text(_ task: TaskDescription) throws -> String {
        var text = ""
        for directory in task.job.inputs["from"] ?? [] {
            text += try String(contentsOfFile: directory + "/file", encoding: .utf8)
        }
        if task.job.kind == "make" { text = "\(task.job.options["text"]?.inText ?? "")" }
        return task.job.options["do"]?.inText == "constant" ? "same\n" : text
    }

    /// Runs a pipeline. The run is stopped after a number of events about stages, or after its first submission.
    func run(
        _ yaml: String, stoppedAfter limit: Int = .max, isStoppedAfterSubmission: Bool = false,
        isDetached: Bool = true, jobs: Int = 100, poll: Duration = .seconds(2),
        batch: Duration? = nil, visibility: Duration = .seconds(5),
        report: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws -> Coordinator.Summary {
        var profile = Profile(name: "toy", system: .slurm)
        profile.shared = shared.path
        profile.poll = poll
        profile.batch = batch
        profile.visibility = visibility
        profile.confirmation = .seconds(10)
        let store = try toy.open()
        let options = RunOptions(
            capacity: Capacity(cpus: 1 << 20, jobs: jobs), worker: [], environment: [:],
            directory: toy.directory,
            queue: QueueSettings(
                profile: profile, shared: shared, system: system, isDetached: isDetached,
                clock: system.clock))
        let (events, continuation) = AsyncStream.makeStream(of: Void.self)
        let coordinator = Coordinator(store: store, options: options) { event in
            report(event)
            continuation.yield()
        }
        let plan = try toy.plan(yaml)
        let earlier = system.counts.submissions
        let work = Task {
            try await coordinator.run(
                plan,
                as: RunDescription(pipeline: "toy", path: "toy.yaml", source: yaml, program: "test")
            )
        }
        let stopper = Task {
            var count = 0
            for await _ in events {
                count += 1
                // The first event is that the run began.
                if count > limit { work.cancel() }
            }
        }
        let watcher = Task {
            guard isStoppedAfterSubmission else { return }
            while system.counts.submissions == earlier {
                try await Task.sleep(for: .milliseconds(2))
            }
            work.cancel()
        }
        defer {
            stopper.cancel()
            watcher.cancel()
        }
        let summary = try await work.value
        try store.close()
        return summary
    }

    /// The lines of the logs of all stages.
    func logLines() throws -> [String] {
        let work = toy.directory + "/store/work"
        return try FileManager.default.subpathsOfDirectory(atPath: work)
            .filter { StoreLayout.isLog(FilePath.name($0)) }
            .flatMap { log in
                try String(contentsOfFile: "\(work)/\(log)", encoding: .utf8)
                    .split(separator: "\n").map(String.init)
            }
    }

    /// The logs of the attempts that have finished their stages.
    func finishedLogs() throws -> [String] {
        struct Attempt: Decodable {
            let key: String
            let attempt: Int
        }
        let store = try toy.open()
        defer { try? store.close() }
        let rows: [Attempt] = try store.snapshot {
            try $0.rows("SELECT key, attempt FROM execution WHERE state = 'done'", [:])
        }
        return try rows.map { row in
            let key = try #require(Digest(hex: row.key))
            return try String(
                contentsOfFile: store.log(key, attempt: row.attempt), encoding: .utf8)
        }
    }

    /// Rows of submissions, and files of tasks and results, that remain.
    func leftovers() throws -> [String] {
        let rows = try count("SELECT count(*) AS number FROM submission")
        let files = try ["tasks", "results"].flatMap {
            try FileManager.default.contentsOfDirectory(atPath: "\(shared.own)/\($0)")
        }
        return files + (rows > 0 ? ["\(rows) rows"] : [])
    }

    func count(_ sql: String) throws -> Int {
        struct Count: Decodable { let number: Int }
        let store = try toy.open()
        defer { try? store.close() }
        let rows: [Count] = try store.snapshot { try $0.rows(sql, [:]) }
        return rows.first?.number ?? -1
    }
}
