import Foundation
import GRDB
import Pipeline

extension Store {
    /// Forgets runs, and removes what no kept run reaches: rows first, in one transaction, then files. It
    /// may end at any point; the next time goes on.
    package func collect(_ options: Reclamation.Options) throws -> Reclamation {
        var result = Reclamation()
        let forgetting: Forgetting
        if options.isDryRun {
            forgetting = try read { try Forgetting($0, options, now: clock()) }
        } else {
            forgetting = try write { database in
                try recover(database)
                let forgetting = try Forgetting(database, options, now: clock())
                try forgetting.forget(in: database)
                return forgetting
            }
        }
        result.runs = forgetting.runs.sorted().map(RunID.init(rawValue:))
        if !forgetting.runs.isEmpty { result.add(.runs, count: forgetting.runs.count) }
        if !forgetting.executions.isEmpty {
            result.add(.executions, count: forgetting.executions.count)
        }
        let sweep = Sweep(store: self, forgetting: forgetting, isDryRun: options.isDryRun)
        try sweep.archives(&result)
        try sweep.unpacked(&result)
        try sweep.work(&result)
        if !options.isDryRun { try exclusively { try Self.checkpoint($0) } }
        return result
    }
}
