import Glibc
import Synchronization

/// The children that this process started itself. In a process that adopts orphans, all other children are what a
/// killed worker left. A class, because everything that starts a child or looks for orphans shares it.
package final class ChildRegistry: Sendable {
    private let started = Mutex<[(pid: pid_t, isOver: @Sendable () -> Bool)]>([])

    package init() {}

    /// Starts a program that is no orphan.
    package func start(_ launch: ChildProcess.Launch) throws(SpawnError) -> ChildProcess {
        // The lock prevents that a child starts while `endOthers` looks, and is taken for an orphan.
        let result = started.withLock { started -> Result<ChildProcess, SpawnError> in
            do throws(SpawnError) {
                let child = try ChildProcess(launch)
                started.removeAll { $0.isOver() }
                started.append((child.pid, child.isOver))
                return .success(child)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Kills the children that this process adopted, with their descendants.
    package func endOthers() {
        started.withLock { started in
            let own = Set(started.filter { !$0.isOver() }.map(\.pid))
            StageProcesses.endChildren { !own.contains($0) }
        }
    }
}
