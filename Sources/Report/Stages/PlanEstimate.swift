import Foundation
import Pipeline
import Store

/// What the stages that a run would execute would take of a cluster, and cost at the rates of a profile, before
/// anything is spent.
package struct PlanEstimate: Hashable, Sendable {
    /// The estimate of a stage.
    package struct Entry: Hashable, Sendable {
        package var stage: String
        package var name: String
        package var nodes: Int

        /// Of all nodes together.
        package var cpus: Int
        package var gpus: Int

        /// `nil` if the stage has never run, its work gives no time, and it declares no `time`.
        package var seconds: Double?

        /// What the time is based on.
        package var basis: Basis

        /// `nil` without a time or without rates.
        package var cost: Double?
    }

    package enum Basis: Hashable, Sendable {
        /// An earlier run.
        case record

        /// The floating-point operations of the stage.
        case work

        /// The limit that the stage declares, if there is one.
        case limit
    }

    /// The floating-point operations of stages with a model, and those that a processing unit does in a second.
    package struct Work: Sendable {
        let operations: [String: Double]
        let speed: Double

        /// `speed` is above 0.
        package init(_ work: PlanWork, speed: Double) {
            operations = Dictionary(
                work.entries.compactMap { entry in
                    entry.work.operations.value.flatMap { $0 > 0 ? (entry.stage, $0) : nil }
                }, uniquingKeysWith: { first, _ in first })
            self.speed = speed
        }
    }

    package let entries: [Entry]
    private let speed: Double?
    private let currency: String
    private let hasRates: Bool

    /// `seconds` has the recorded durations by the ids of stages. A stage that waits for others is counted, because it
    /// may have to run.
    package init(
        of forecast: Forecast, seconds: [String: Double], work: Work? = nil, on profile: Profile
    ) {
        speed = work?.speed
        currency = profile.rates?.currency ?? ""
        hasRates = profile.rates != nil
        entries = forecast.entries.compactMap { entry in
            switch entry.forecast {
            case .cached, .same: return nil
            case .resumes, .runs, .waits: break
            }
            let stage = entry.stage
            let resources = profile.resources(of: stage)
            let nodes = resources.nodes ?? 1
            let recorded = seconds[stage.id]
            let (cpus, gpus) = (nodes * resources.cpus, nodes * (resources.gpus ?? 0))
            let worked = work.flatMap { work in
                work.operations[stage.id].map {
                    $0 / work.speed / Double(gpus > 0 ? gpus : cpus)
                }
            }
            let time = recorded ?? worked ?? resources.time.map { $0 / .seconds(1) }
            let rate = profile.rates.map {
                Double(cpus) * $0.cpu + Double(gpus) * $0.gpu + Double(nodes) * $0.node
            }
            return Entry(
                stage: stage.id, name: stage.name, nodes: nodes, cpus: cpus, gpus: gpus,
                seconds: time, basis: recorded != nil ? .record : worked != nil ? .work : .limit,
                cost: time.flatMap { time in rate.map { $0 * time / 3600 } })
        }
    }

    /// A row for each stage with its instances together, the sums, and what the times rest on.
    package var text: String {
        guard !entries.isEmpty else { return "Nothing to run, so nothing is spent.\n" }
        var names: [String] = []
        for entry in entries where names.last != entry.name && !names.contains(entry.name) {
            names.append(entry.name)
        }
        let groups = Dictionary(grouping: entries, by: \.name)
        var columns = [
            "stage", "instances", "nodes each", "CPUs each", "GPUs each", "time (h)",
            "CPU time (h)", "GPU time (h)",
        ]
        if hasRates { columns.append(currency.isEmpty ? "cost" : "cost (\(currency))") }
        columns.append("times")
        var rows = names.map { name in
            let entries = groups[name] ?? []
            return [.text(name), .text("\(entries.count)")]
                + [\.nodes, \.cpus, \.gpus].map { Self.range($0, entries) } + sums(entries)
        }
        if names.count > 1 {
            rows.append(
                [.text("total"), .text("\(entries.count)"), .text(""), .text(""), .text("")]
                    + sums(entries))
        }
        return Table(columns: columns, rows: rows).text(as: .table) + notes
    }

    /// The least and the most of an instance.
    private static func range(_ path: KeyPath<Entry, Int>, _ entries: [Entry]) -> SQLValue {
        let values = entries.map { $0[keyPath: path] }
        let (least, most) = (values.min() ?? 0, values.max() ?? 0)
        return .text(least == most ? "\(least)" : "\(least)-\(most)")
    }

    /// The times and costs of all instances together, and where the times come from.
    private func sums(_ entries: [Entry]) -> [SQLValue] {
        func sum(_ values: [Double]) -> SQLValue {
            let unknown = values.count < entries.count
            guard !values.isEmpty else { return .text("?") }
            return .text(Self.rounded(values.reduce(0, +)) + (unknown ? " + ?" : ""))
        }
        func hours(_ share: (Entry) -> Int) -> SQLValue {
            sum(
                entries.compactMap { entry in
                    entry.seconds.map { $0 / 3600 * Double(share(entry)) }
                })
        }
        var sums = [hours { _ in 1 }, hours(\.cpus), hours(\.gpus)]
        if hasRates { sums.append(sum(entries.compactMap(\.cost))) }
        return sums + [.text(Self.sources(entries))]
    }

    /// Such as `2 recorded, 1 declared`; a single word if all times have the same source.
    private static func sources(_ entries: [Entry]) -> String {
        let counts = [
            ("recorded", entries.count { $0.basis == .record }),
            ("estimated", entries.count { $0.basis == .work }),
            ("declared", entries.count { $0.basis == .limit && $0.seconds != nil }),
            ("unknown", entries.count { $0.seconds == nil }),
        ].filter { $0.1 > 0 }
        if counts.count == 1, let only = counts.first { return only.0 }
        return counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }

    /// What the times rest on.
    private var notes: String {
        let recorded = entries.count { $0.basis == .record }
        let worked = entries.count { $0.basis == .work }
        let declared = entries.count { $0.basis == .limit && $0.seconds != nil }
        let unknown = entries.count - recorded - worked - declared
        var parts: [String] = []
        if recorded > 0 { parts.append("\(recorded) recorded in earlier runs") }
        if worked > 0, let speed {
            parts.append("\(worked) by their work at \(speed / 1e12) TFLOP/s per GPU or CPU")
        }
        if declared > 0 { parts.append("\(declared) at most the declared `time`") }
        if unknown > 0 {
            parts.append("\(unknown) unknown and not counted: declare `resources.time`")
        }
        let stages = entries.count == 1 ? "1 stage" : "\(entries.count) stages"
        return "Times of \(stages): \(parts.joined(separator: "; ")).\n"
    }

    /// Two decimals, more for small numbers.
    private static func rounded(_ value: Double) -> String {
        value == 0 ? "0" : String(format: value < 0.1 ? "%.4f" : "%.2f", value)
    }
}
