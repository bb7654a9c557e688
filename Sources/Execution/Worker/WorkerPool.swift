import Foundation
import Pipeline
import Processes
import Synchronization

/// The workers of a run. Each stage has a separate worker. Only `command` stages, whose work is done by another process,
/// share workers: a worker runs several of them in turn, because starting a worker would take most of the time of a
/// short command. A class, because several attempts take workers from it and return them.
final class WorkerPool: Sendable {
    private let program: [String]
    private let environment: [String: String]
    /// Whether this process adopts orphaned descendants, and starts no children that `children` does not know.
    private let adoptsOrphans: Bool
    private let children: ChildRegistry
    private let idle = Mutex<[StageWorker]>([])

    init(
        program: [String], environment: [String: String], adoptsOrphans: Bool = false,
        children: ChildRegistry
    ) {
        self.program = program
        self.environment = environment
        self.adoptsOrphans = adoptsOrphans
        self.children = children
    }

    /// Starts the job on a worker, whose events go to `recorder`. `directory` is that of the attempt.
    func start(
        _ job: Job, directory: String, log: String, recorder: any EventSink
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
        // An idle worker that died is skipped.
        while var worker = idle.withLock({ $0.popLast() }) {
            worker.token = token
            worker.receiver.begin(recorder)
            if worker.child.send(line) { return worker }
        }
        var worker = try start([], log: log, recorder, isServing: true)
        worker.token = token
        // If the worker ends before it has read the job, its exit reports that.
        _ = worker.child.send(line)
        return worker
    }

    /// Returns a worker to the pool after its job. Idle workers end when the pool is released.
    func giveBack(_ worker: StageWorker) {
        idle.withLock { $0.append(worker) }
    }

    /// Kills the processes that a killed worker left: those with its mark, and those that this process adopted.
    func endLeftovers(of worker: StageWorker) {
        StageProcesses.end(marked: worker.mark)
        if adoptsOrphans { children.endOthers() }
    }

    private func start(
        _ arguments: [String], log: String, _ recorder: any EventSink, isServing: Bool
    ) throws -> StageWorker {
        let mark = "\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        var environment = environment
        environment[StageProcesses.mark] = mark
        let kills = MachineMemory.kills()
        let receiver = JobReceiver(recorder)
        var launch = ChildProcess.Launch(
            executable: program[0], arguments: Array(program.dropFirst()) + arguments,
            environment: environment, errorFile: log, receive: { receiver.receive($0) })
        launch.announcement = isServing ? WorkerMessage.endStart : nil
        let child = try children.start(launch)
        return StageWorker(
            child: child, receiver: receiver, mark: mark, kills: kills, isServing: isServing)
    }
}

/// Routes the output of a worker to the recorder of its current job. A class, because the thread that reads the pipe
/// shares it with successive attempts.
final class JobReceiver: Sendable {
    private let recorder: Mutex<any EventSink>

    init(_ recorder: any EventSink) { self.recorder = Mutex(recorder) }

    /// Routes subsequent output to the recorder of another job.
    func begin(_ recorder: any EventSink) { self.recorder.withLock { $0 = recorder } }

    /// Receives lines; the buffer is empty if none arrived for a while. Returns whether to continue.
    func receive(_ lines: UnsafeRawBufferPointer) -> Bool {
        recorder.withLock { $0 }.receive(lines)
    }
}

/// A worker process with its current job, and the mark of the processes that it starts.
struct StageWorker: Sendable {
    let child: ChildProcess
    let receiver: JobReceiver
    let mark: String
    /// The token of the current job, for a worker that serves many jobs.
    var token = ""
    /// The number of processes that the kernel had killed for lack of memory when this worker started.
    let kills: Int?
    /// Whether it accepts another job after this one.
    let isServing: Bool
}
