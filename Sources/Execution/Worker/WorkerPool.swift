import Foundation
import Pipeline
import Processes
import Synchronization

/// The workers of a run. Each stage has one to itself, but commands, whose work another process does, are
/// served by workers that take one after another: most of a short stage's time would be the start of its
/// worker. A class, for several attempts take from it and give back.
final class WorkerPool: Sendable {
    private let program: [String]
    private let environment: [String: String]
    /// Whether this process adopts what its descendants leave behind, and starts nothing but workers.
    private let adoptsOrphans: Bool
    private let idle = Mutex<[StageWorker]>([])
    /// The workers that were started, as far as they may still run.
    private let started = Mutex<[(pid: Int32, isOver: @Sendable () -> Bool)]>([])

    init(program: [String], environment: [String: String], adoptsOrphans: Bool = false) {
        self.program = program
        self.environment = environment
        self.adoptsOrphans = adoptsOrphans
    }

    /// A worker that has begun the job and tells `recorder` about it. `directory` is the attempt's.
    func start(
        _ job: Job, directory: String, log: String, recorder: EventRecorder
    ) throws -> StageWorker {
        guard job.isCommand else {
            let path = directory + "/job.json"
            try job.write(to: path)
            return try start([path], log: log, recorder, isServing: false)
        }
        var job = job
        let token = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        job.token = token
        let line = job.line + "\n"
        // One that died in idleness is passed over.
        while var worker = idle.withLock({ $0.popLast() }) {
            worker.token = token
            worker.receiver.begin(recorder)
            if worker.child.send(line) { return worker }
        }
        var worker = try start([], log: log, recorder, isServing: true)
        worker.token = token
        // If it ends before it has read its job, it says so by its end.
        _ = worker.child.send(line)
        return worker
    }

    /// Takes a worker back whose job is over. Those that are here when the pool goes away end with it.
    func giveBack(_ worker: StageWorker) {
        idle.withLock { $0.append(worker) }
    }

    /// Ends what a worker left that was killed: whatever carries its mark, and what came to this process.
    func endLeftovers(of worker: StageWorker) {
        StageProcesses.end(marked: worker.mark)
        guard adoptsOrphans else { return }
        // No worker starts meanwhile, which would be a child of nobody's.
        started.withLock { started in
            let workers = Set(started.filter { !$0.isOver() }.map(\.pid))
            StageProcesses.endChildren { !workers.contains($0) }
        }
    }

    private func start(
        _ arguments: [String], log: String, _ recorder: EventRecorder, isServing: Bool
    ) throws -> StageWorker {
        let mark = "\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        var environment = environment
        environment[StageProcesses.mark] = mark
        let kills = MachineMemory.kills()
        let receiver = JobReceiver(recorder)
        var launch = ChildProcess.Launch(
            executable: program[0], arguments: Array(program.dropFirst()) + arguments,
            environment: environment, errorFile: log, receive: { receiver.receive($0) })
        launch.announcement = isServing ? JobEnd.start : nil
        let child = try started.withLock { started in
            let child = try ChildProcess(launch)
            started.removeAll { $0.isOver() }
            started.append((child.pid, child.isOver))
            return child
        }
        return StageWorker(
            child: child, receiver: receiver, mark: mark, kills: kills, isServing: isServing)
    }
}

/// Hands what a worker writes to whoever records the job it is at. A class, for the thread that reads the
/// pipe shares it with one attempt after another.
final class JobReceiver: Sendable {
    private let recorder: Mutex<EventRecorder>

    init(_ recorder: EventRecorder) { self.recorder = Mutex(recorder) }

    /// The worker's next words are about another job.
    func begin(_ recorder: EventRecorder) { self.recorder.withLock { $0 = recorder } }

    /// Takes lines, or learns that none came for a while; says whether more are wanted.
    func receive(_ lines: UnsafeRawBufferPointer) -> Bool {
        recorder.withLock { $0 }.receive(lines)
    }
}

/// A worker process at one job, and the mark of what it starts.
struct StageWorker: Sendable {
    let child: ChildProcess
    let receiver: JobReceiver
    let mark: String
    /// That of the job, for a worker that serves many.
    var token = ""
    /// How many processes the kernel had ended for want of memory when this one started.
    let kills: Int?
    /// Whether it takes another job after this one.
    let isServing: Bool
}
