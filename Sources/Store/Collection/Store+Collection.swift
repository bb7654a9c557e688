import Foundation
import GRDB
import Pipeline

extension Store {
    /// Removes runs and everything that no kept run reaches: rows first, in one transaction, then files. If it is
    /// interrupted, the next collection continues. `announce` is called with the runs before they are removed.
    package func collect(
        _ options: Reclamation.Options, announce: ([Reclamation.Run]) throws -> Void = { _ in }
    ) throws -> Reclamation {
        var result = Reclamation()
        let forgetting: RetentionPlan
        if options.isDryRun {
            (forgetting, result.runs) = try read { database in
                let forgetting = try RetentionPlan(database, options, now: clock())
                return (forgetting, try forgetting.runs(in: database))
            }
            try announce(result.runs)
        } else {
            (forgetting, result.runs) = try write { database in
                try recover(database)
                let forgetting = try RetentionPlan(database, options, now: clock())
                let runs = try forgetting.runs(in: database)
                try announce(runs)
                try forgetting.forget(in: database)
                return (forgetting, runs)
            }
        }
        if !forgetting.runs.isEmpty { result.add(.runs, count: forgetting.runs.count) }
        if !forgetting.executions.isEmpty {
            result.add(.executions, count: forgetting.executions.count)
        }
        let sweep = try GarbageCollection(
            store: self, forgetting: forgetting, isDryRun: options.isDryRun)
        try sweep.archives(&result)
        try sweep.unpacked(&result)
        try sweep.work(&result)
        if let shared = options.shared { try sweep.shared(shared, &result) }
        if !options.isDryRun { try checkpoint() }
        return result
    }
}
