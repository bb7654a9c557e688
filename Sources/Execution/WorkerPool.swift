import Foundation
import Pipeline
import Spawn
import Synchronization

/// The workers of a run. Each stage has one to itself, but commands, whose work another process does, are
/// served by workers that take one after another: most of a short stage's time would be the start of its
/// worker. A class, for several attempts take from it and give back.
final class WorkerPool: Sendable {
    private let program: [String]
    private let environment: [String: String]
    private let idle = Mutex<[StageWorker]>([])

    init(program: [String], environment: [String: String]) {
        self.program = program
        self.environment = environment
    }

    /// A worker that has begun the job. `directory` is the attempt's.
    func start(_ job: Job, directory: String, log: String) throws -> StageWorker {
        guard job.isCommand else {
            let path = directory + "/job.json"
            try job.write(to: path)
            return try start([path], log: log, isServing: false)
        }
        let line = job.line + "\n"
        // One that died in idleness is passed over.
        while let worker = idle.withLock({ $0.popLast() }) {
            if worker.child.send(line) { return worker }
        }
        let worker = try start([], log: log, isServing: true)
        // If it ends before it has read its job, it says so by its end.
        _ = worker.child.send(line)
        return worker
    }

    /// Takes a worker back whose job is over. Those that are here when the pool goes away end with it.
    func giveBack(_ worker: StageWorker) {
        idle.withLock { $0.append(worker) }
    }

    private func start(
        _ arguments: [String], log: String, isServing: Bool
    ) throws -> StageWorker {
        let mark = "\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        var environment = environment
        environment[StageProcesses.mark] = mark
        let kills = MachineMemory.kills()
        let child = try ChildProcess(
            .init(
                executable: program[0], arguments: Array(program.dropFirst()) + arguments,
                environment: environment, errorFile: log))
        return StageWorker(child: child, mark: mark, kills: kills, isServing: isServing)
    }
}
