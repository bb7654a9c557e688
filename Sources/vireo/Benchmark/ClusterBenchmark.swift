import Execution
import Files
import Foundation
import Pipeline
import Processes
import Store
import Synchronization
import VariationalInference

/// Measures the coordinator of a run on a cluster that is larger than any at hand: the cluster is simulated, with virtual
/// time, while the store, the shared directory and the results are real files.
struct ClusterBenchmark {
    let tasks: Int
    let nodes: Int
    let failures: Double
    let preemptions: Double

    private static let kind = StageKind(
        name: "bench", version: 1, summary: "A task of the benchmark.",
        outputs: [.init("files", .files, "A small file.")],
        options: [
            .init("place", .integer(0...(.max)), default: .integer(0), "The number of the task.")
        ])

    /// Runs the tasks in a temporary directory.
    func report() async throws -> BenchmarkReport {
        let directory = try BenchmarkDirectory()
        let shared = SharedDirectory(
            directory.path + "/shared", store: directory.path, host: "here")
        try shared.prepare()
        let store = try Store.open(directory: directory.path + "/store", mode: .readWrite)
        var faults = SimulatedCluster.Faults()
        faults.failure = failures
        faults.preemption = preemptions
        let random = Mutex(SplitMix64(seed: 1))
        let cluster = SimulatedCluster(nodes: nodes, seconds: 60...600, faults: faults) {
            random.withLock { $0.uniform() }
        } work: { file, place in
            try SimulatedTask.run(file, place) { $0.name }
        }
        var profile = Profile(name: "bench", system: .slurm)
        profile.shared = shared.path
        let jobs = 2 * nodes
        let options = RunOptions(
            capacity: Capacity(cpus: 1 << 40, memory: 1 << 60, jobs: jobs), worker: [],
            environment: [:], directory: directory.path,
            queue: QueueSettings(
                profile: profile, shared: shared, system: cluster, clock: cluster.clock))
        let plan = Plan(stages: (0..<tasks).map(Self.stage))
        let memory = ProcessUsage.peakMemory()
        let (time, cpu) = (Stopwatch(), ProcessUsage.cpuSeconds())
        let summary = try await Coordinator(store: store, options: options) { _ in }.run(
            plan,
            as: RunDescription(pipeline: "bench", path: "bench", source: "", program: Vireo.version)
        )
        let (seconds, cpuSeconds) = (time.seconds, ProcessUsage.cpuSeconds() - cpu)
        try store.close()
        guard summary.outcome == .done else { throw CommandError.benchmark("cluster") }
        let counts = cluster.counts
        let bytes = FileStamp(of: store.layout.database)?.bytes ?? 0
        var report = BenchmarkReport()
        report.add("tasks", summary.ran)
        report.add("nodes", nodes)
        report.add("arrays", counts.submissions)
        report.add("starts", counts.starts.values.reduce(0, +))
        report.add("questions", counts.questions)
        report.add("virtual_hours", cluster.clock.now() / 3600, digits: 1)
        report.add("seconds", seconds, digits: 1)
        report.add("cpu_ms_per_task", cpuSeconds * 1000 / Double(tasks), digits: 3)
        report.add(
            "memory_kib_per_task",
            Double(ProcessUsage.peakMemory() - memory) / 1024 / Double(tasks), digits: 2)
        report.add("database_bytes_per_task", Double(bytes) / Double(tasks), digits: 0)
        return report
    }

    private static func stage(_ place: Int) -> PlannedStage {
        PlannedStage(
            id: "task[place=\(place)]", name: "task", kind: kind,
            options: Options(["place": .integer(place)]), outputs: kind.outputs, inputs: [:],
            after: [], resources: Resources(), fileDigests: [:], position: .start)
    }
}
