import JSON
import Pipeline
import Store

/// A comparison of two runs.
package struct RunComparison {
    private let before: RunProfile
    private let now: RunProfile
    private let stages: [StagePair]

    /// A stage of either run.
    private struct StagePair {
        let id: String
        let before: StageRecord?
        let now: StageRecord?

        /// Looked up if the executions differ.
        var details: (before: StageDetail?, now: StageDetail?)

        var relation: String {
            switch (before?.execution, now?.execution) {
            case (nil, nil): "in neither"
            case (nil, _): before == nil ? "added" : "started"
            case (_, nil): now == nil ? "removed" : "not started"
            case (let old, let new): old == new ? "same execution" : "other execution"
            }
        }

        var isSame: Bool { before?.execution != nil && before?.execution == now?.execution }
    }

    /// A row of a table: a property and its value in each run.
    private struct Row: Equatable {
        let name: String
        let before: SQLValue
        let now: SQLValue
    }

    package init(_ before: RunRecord, _ now: RunRecord, in store: Store) throws {
        self.before = try store.profile(of: before)
        self.now = try store.profile(of: now)
        let old = try store.stages(before.id)
        let new = try store.stages(now.id)
        let oldIDs = Set(old.map(\.id))
        let ids = old.map(\.id) + new.map(\.id).filter { !oldIDs.contains($0) }
        let oldByID = Dictionary(old.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let newByID = Dictionary(new.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        stages = try ids.map { id in
            var pair = StagePair(
                id: id, before: oldByID[id], now: newByID[id], details: (nil, nil))
            if !pair.isSame {
                pair.details = (
                    try Self.detail(pair.before, in: store), try Self.detail(pair.now, in: store)
                )
            }
            return pair
        }
    }

    private static func detail(_ record: StageRecord?, in store: Store) throws -> StageDetail? {
        guard let record else { return nil }
        return try store.stages(named: record.id, run: record.run).first {
            $0.stage.id == record.id
        }
    }

    package var text: String {
        let sections = [
            section("params", params), section("environment", environment),
            stageText, section("metrics", metrics), section("artifacts", artifacts),
        ]
        let known = sections.filter { !$0.isEmpty }
        let same = stages.count { $0.isSame }
        let count = "\(same) of \(stages.count) stages are the same execution"
        return "Run \(now.record.id.rawValue) of \(now.record.pipeline) against run "
            + "\(before.record.id.rawValue) of \(before.record.pipeline): \(count)\n"
            + known.map { "\n" + $0 }.joined()
    }

    private var columns: [String] {
        ["run \(before.record.id.rawValue)", "run \(now.record.id.rawValue)"]
    }

    private func section(_ title: String, _ rows: [Row]) -> String {
        guard !rows.isEmpty else { return "" }
        return Table(
            columns: [title] + columns, rows: rows.map { [.text($0.name), $0.before, $0.now] }
        ).aligned
    }

    private var params: [Row] { Self.rows(before.params, now.params) }

    /// The version, commit, file and machine of the runs.
    private var environment: [Row] { Self.rows(Self.facts(before), Self.facts(now)) }

    private static func facts(_ profile: RunProfile) -> [String: String] {
        var facts = flat(profile.machine, "")
        facts["commit"] = profile.revision
        facts["vireo"] = profile.program
        facts["pipeline file"] = profile.source.short
        return facts
    }

    /// The members of objects; a member of a nested object is called `a.b`.
    private static func flat(_ value: JSONValue, _ name: String) -> [String: String] {
        guard case .object(let table) = value else {
            if case .string(let text) = value { return [name: text] }
            return [name: value.canonical]
        }
        return table.reduce(into: [:]) { facts, member in
            let inner = flat(member.value, name.isEmpty ? member.key : "\(name).\(member.key)")
            facts.merge(inner) { first, _ in first }
        }
    }

    private static func rows(_ before: [String: String], _ now: [String: String]) -> [Row] {
        Set(before.keys).union(now.keys).sorted().compactMap { name in
            guard before[name] != now[name] else { return nil }
            return Row(name: name, before: cell(before[name]), now: cell(now[name]))
        }
    }

    private static func cell(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }

    private var stageText: String {
        let changed = stages.filter { !$0.isSame }
        guard !changed.isEmpty else { return "" }
        return Table(
            columns: ["stage", "kind"] + columns + ["relation"],
            rows: changed.map { pair in
                [
                    .text(pair.id), Self.cell((pair.now ?? pair.before)?.kind),
                    Self.cell(pair.before.map { RunListing.outcome(of: $0) }),
                    Self.cell(pair.now.map { RunListing.outcome(of: $0) }),
                    .text(pair.relation),
                ]
            }
        ).aligned
    }

    private var metrics: [Row] {
        stages.filter { !$0.isSame }.flatMap { pair in
            let old = Self.lastValues(pair.details.before)
            let new = Self.lastValues(pair.details.now)
            return Set(old.keys).union(new.keys).sorted().compactMap { name -> Row? in
                guard old[name] != new[name] else { return nil }
                return Row(
                    name: "\(pair.id) \(name.text)", before: old[name] ?? .null,
                    now: new[name] ?? .null)
            }
        }
    }

    private static func lastValues(_ detail: StageDetail?) -> [ExactText: SQLValue] {
        Dictionary(
            (detail?.metrics ?? []).map {
                (ExactText($0.name), SQLValue.real(StageDescription.rounded($0.value)))
            }, uniquingKeysWith: { first, _ in first })
    }

    private var artifacts: [Row] {
        stages.filter { !$0.isSame }.flatMap { pair in
            let old = Self.outputs(pair.details.before)
            let new = Self.outputs(pair.details.now)
            return Self.rows(old, new).map {
                Row(name: "\(pair.id).\($0.name)", before: $0.before, now: $0.now)
            }
        }
    }

    private static func outputs(_ detail: StageDetail?) -> [String: String] {
        Dictionary(
            (detail?.outputs ?? []).map {
                ($0.name, "\($0.artifact.short) \(ByteCount(Int64($0.bytes)).text)")
            }, uniquingKeysWith: { first, _ in first })
    }

    package var json: JSONValue {
        func table(_ rows: [Row]) -> JSONValue {
            .array(
                rows.map {
                    .object([
                        "name": .string($0.name), "before": Self.value($0.before),
                        "now": Self.value($0.now),
                    ])
                })
        }
        return .object([
            "before": JSONText.run(before.record), "now": JSONText.run(now.record),
            "params": table(params), "environment": table(environment),
            "stages": .array(
                stages.map { pair in
                    .object([
                        "stage": .string(pair.id), "relation": .string(pair.relation),
                        "before": Self.summary(pair.before, pair.details.before),
                        "now": Self.summary(pair.now, pair.details.now),
                    ])
                }),
        ])
    }

    /// A stage, with its last metrics and its artifacts if they may differ.
    private static func summary(_ record: StageRecord?, _ detail: StageDetail?) -> JSONValue {
        guard let record else { return .null }
        var members: [String: JSONValue] = [
            "outcome": .string(RunListing.outcome(of: record)),
            "execution": JSONText.optional(record.execution.map { Int($0.rawValue) }),
            "seconds": JSONText.optional(record.seconds),
        ]
        if let detail {
            members["metrics"] = .array(detail.metrics.map(JSONText.metric))
            members["outputs"] = .array(detail.outputs.map(JSONText.output))
        }
        return .object(members)
    }

    private static func value(_ cell: SQLValue) -> JSONValue {
        switch cell {
        case .null, .blob: .null
        case .integer(let integer): .integer(Int(integer))
        case .real(let number): JSONText.optional(number)
        case .text(let text): .string(text)
        }
    }
}
