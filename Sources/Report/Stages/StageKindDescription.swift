import JSON
import Pipeline

/// The documentation of a stage kind, from its declaration.
package struct StageKindDescription {
    let kind: StageKind

    package init(_ kind: StageKind) { self.kind = kind }

    /// `train.sft  Trains a model on examples.`, one line per kind.
    package static func list(_ kinds: [StageKind]) -> String {
        let width = kinds.map(\.name.count).max() ?? 0
        return kinds.map { "\($0.name.padded(to: width))  \($0.summary)\n" }.joined()
    }

    package var text: String {
        let any = kind.isOpen ? "Inputs may have any name and type.\n" : ""
        return (["\(kind.name): \(kind.summary)\n\(any)"] + [inputs, outputs, options])
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var inputs: String {
        section(
            "in",
            kind.inputs.map { input in
                let needs = [
                    input.type.rawValue, input.isRequired ? nil : "optional",
                    input.isGathered ? "one or more" : nil,
                ]
                return (input.name, needs.compactMap { $0 }.joined(separator: ", "), input.summary)
            })
    }

    private var outputs: String {
        section("outputs", kind.outputs.map { ($0.name, $0.type.rawValue, $0.summary) })
    }

    private var options: String {
        section(
            "with",
            kind.options.map { option in
                let fallback = fallback(of: option)
                return (
                    option.name, "\(option.type.words); \(fallback)",
                    option.summary + fields(of: option)
                )
            })
    }

    /// The fields of a table, one line each.
    private func fields(of option: StageKind.Option) -> String {
        guard case .table(let fields) = option.type else { return "" }
        return fields.map { field in
            "\n        \(field.name): \(field.type.words); \(fallback(of: field))"
                + "\n            \(field.summary)"
        }.joined()
    }

    private func fallback(of option: StageKind.Option) -> String {
        if let group = kind.alternatives.first(where: { $0.contains(option.name) }) {
            return "this or " + group.filter { $0 != option.name }.joined(separator: ", ")
        }
        let note = option.affectsResult ? "" : "; the result does not depend on it"
        return (option.fallback.map { "default \($0.canonical)" } ?? "required") + note
    }

    private func section(
        _ title: String, _ entries: [(name: String, type: String, summary: String)]
    ) -> String {
        let lines = entries.map { "  \($0.name): \($0.type)\n      \($0.summary)\n" }
        return lines.isEmpty ? "" : "\(title):\n" + lines.joined()
    }
}

extension OptionType {
    /// The type of a value, for display.
    var words: String {
        switch self {
        case .integer(let range):
            range.upperBound == Int.max
                ? "integer >= \(range.lowerBound)"
                : "integer \(range.lowerBound) to \(range.upperBound)"
        case .number(let range) where range.lowerBound == .leastNonzeroMagnitude:
            "number > 0 to \(JSONValue.number(range.upperBound).canonical)"
        case .number(let range):
            range.upperBound.isFinite && range.upperBound < 1e300
                ? "number \(JSONValue.number(range.lowerBound).canonical) to \(JSONValue.number(range.upperBound).canonical)"
                : "number >= \(JSONValue.number(range.lowerBound).canonical)"
        case .text: "text"
        case .flag: "true or false"
        case .choice(let choices): choices.joined(separator: " | ")
        case .list(let element): "list of \(element.words)"
        case .map, .table: "table"
        case .shard: "part, such as 0/4"
        case .file: "file"
        case .path: "file or directory"
        case .directory: "directory"
        }
    }
}
