import Files
import Foundation
import GRDB
import JSON
import Pipeline

/// The rows of an imported file, checked for consistency: every reference leads to an earlier row.
struct RunImport {
    let path: String
    private(set) var run: ExchangedRun?
    private(set) var artifacts: [Digest: ArtifactContents] = [:]
    private(set) var executions: [ExchangedExecution] = []
    private(set) var metrics: [ExchangedMetrics] = []
    private(set) var times: [ExchangedTimes] = []
    private(set) var events: [ExchangedEvent] = []

    /// The types with which each artifact is used.
    private(set) var types: [Digest: Set<ArtifactType>] = [:]

    private(set) var keys: Set<String> = []

    /// The position of the latest finished execution of each cache key.
    private(set) var latest: [String: Int] = [:]

    /// Reads the rows in the file `rows`, which was extracted from `path`.
    init(rows: String, of path: String) throws {
        self.path = path
        var reader = try LineReader<StoreError>(rows)
        do {
            var decoder = JSONRecordDecoder(values: .max, readsNonFinite: true)
            while let line = try reader.next() {
                let number = reader.line
                guard !ExchangeLimits.isDense(line) else {
                    throw ExchangeError.row(
                        path: path, line: number, problem: "it has too many values")
                }
                let row: ExchangedRow
                do {
                    row = try decoder.decode(ExchangedRow.self, from: line)
                } catch {
                    throw ExchangeError.row(
                        path: path, line: number, problem: "it is not a valid row")
                }
                if let problem = add(row) {
                    throw ExchangeError.row(path: path, line: number, problem: problem)
                }
            }
        } catch StoreError.record(_, let line, let problem) {
            throw ExchangeError.row(path: path, line: line, problem: problem)
        }
        guard run != nil else {
            throw ExchangeError.file(path: path, problem: "it contains no run")
        }
        if let problem = strangeStage() { throw ExchangeError.file(path: path, problem: problem) }
    }

    /// A digest that identifies the run across stores.
    func identity() throws -> Digest {
        guard let run else { throw ExchangeError.file(path: path, problem: "it contains no run") }
        return ExchangedIdentity(run, key: { executions[$0].key }, events: events).digest
    }

    /// Adds a row. Returns its problem, if there is one.
    private mutating func add(_ row: ExchangedRow) -> String? {
        if let run = row.run {
            guard self.run == nil else { return "it is a second run" }
            self.run = run
            return run.problem
        }
        if let artifact = row.artifact { return add(artifact) }
        if let execution = row.execution { return add(execution) }
        if let metrics = row.metrics {
            guard executions.indices.contains(metrics.execution) else {
                return "its execution is not in the file"
            }
            self.metrics.append(metrics)
            return metrics.problem
        }
        if let times = row.times {
            guard executions.indices.contains(times.execution) else {
                return "its execution is not in the file"
            }
            self.times.append(times)
            return times.problem
        }
        if let event = row.event {
            if let execution = event.execution, !executions.indices.contains(execution) {
                return "its execution is not in the file"
            }
            events.append(event)
            return event.problem
        }
        return "its kind is not known to this program"
    }

    private mutating func add(_ artifact: ExchangedArtifact) -> String? {
        guard let digest = Digest(hex: artifact.digest), let contents = artifact.contents else {
            return "it lists invalid files"
        }
        guard contents.digest == digest,
            !contents.hasRepetitions
        else { return "its files do not match its digest" }
        artifacts[digest] = contents
        return nil
    }

    private mutating func add(_ execution: ExchangedExecution) -> String? {
        if let problem = execution.problem { return problem }
        guard Digest(of: execution.document).hex == execution.key else {
            return "its document does not match its key"
        }
        guard ["done", "failed", "cancelled"].contains(execution.state) else {
            return "it is not in a final state"
        }
        guard execution.state == "done" || execution.outputs.isEmpty else {
            return "it has outputs but did not finish"
        }
        for output in execution.outputs {
            guard let type = ArtifactType(rawValue: output.type) else {
                return "the type \(output.type) is not known to this program"
            }
            guard let digest = Digest(hex: output.artifact), artifacts[digest] != nil else {
                return "its artifact is not in the file"
            }
            types[digest, default: []].insert(type)
        }
        for input in execution.inputs {
            guard executions.indices.contains(input.producer),
                executions[input.producer].outputs.contains(where: {
                    $0.name == input.output && $0.artifact == input.artifact
                })
            else { return "its input \(input.name) is not made by an earlier execution" }
        }
        if !Self.isTold(execution) { return "its inputs do not match its document" }
        if execution.state == "done",
            latest[execution.key].map({ executions[$0].attempt <= execution.attempt }) ?? true
        {
            latest[execution.key] = executions.count
        }
        keys.insert(execution.key)
        executions.append(execution)
        return nil
    }

    /// Whether the inputs of the key document equal those of the lineage.
    private static func isTold(_ execution: ExchangedExecution) -> Bool {
        guard let document = JSONValue(json: execution.document),
            document["kind"] == .string(execution.kind)
        else { return false }
        var inputs: [String: JSONValue] = [:]
        for (name, edges) in Dictionary(grouping: execution.inputs, by: \.name) {
            inputs[name] = .array(
                edges.sorted { $0.position < $1.position }.map { .string($0.artifact) })
        }
        guard case .object(let told)? = document["inputs"] else { return inputs.isEmpty }
        return told.filter { $0.value != .array([]) } == inputs
    }

    private func strangeStage() -> String? {
        for stage in run?.stages ?? [] {
            guard let execution = stage.execution else { continue }
            guard executions.indices.contains(execution) else {
                return "the execution of stage \(stage.id) is not in it"
            }
        }
        return nil
    }
}
