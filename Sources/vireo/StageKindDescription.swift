import Pipeline
import Report

/// The documentation of a kind of stage, from its declaration.
struct StageKindDescription {
    let kind: StageKind

    init(_ kind: StageKind) { self.kind = kind }

    /// `train.sft  Trains a model on examples.`, a line a kind.
    static func list(_ kinds: [StageKind]) -> String {
        let width = kinds.map(\.name.count).max() ?? 0
        return kinds.map { "\($0.name.padded(to: width))  \($0.summary)\n" }.joined()
    }

    var text: String {
        let any = kind.isOpen ? "Inputs may have any name and type.\n" : ""
        return (["\(kind.name): \(kind.summary)\n\(any)"] + [inputs, outputs, options])
            .filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var inputs: String {
        section(
            ["in", "type", "", "what"],
            kind.inputs.map { input in
                let needs = [
                    input.isRequired ? nil : "optional", input.isGathered ? "one or more" : nil,
                ]
                return [
                    .text(input.name), .text(input.type.rawValue),
                    .text(needs.compactMap { $0 }.joined(separator: ", ")), .text(input.summary),
                ]
            })
    }

    private var outputs: String {
        section(
            ["output", "type", "what"],
            kind.outputs.map { [.text($0.name), .text($0.type.rawValue), .text($0.summary)] })
    }

    private var options: String {
        section(
            ["with", "type", "default", "what"],
            kind.options.map { option in
                [
                    .text(option.name), .text(option.type.words),
                    .text(option.fallback?.canonical ?? "(required)"), .text(option.summary),
                ]
            })
    }

    private func section(_ columns: [String], _ rows: [[Cell]]) -> String {
        rows.isEmpty ? "" : Table(columns: columns, rows: rows).aligned
    }
}

extension OptionType {
    /// What a value is, for people.
    fileprivate var words: String {
        switch self {
        case .integer(let range):
            range.upperBound == Int.max
                ? "integer >= \(range.lowerBound)"
                : "integer \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            range.upperBound.isFinite && range.upperBound < 1e300
                ? "number \(Value.number(range.lowerBound).canonical) to \(Value.number(range.upperBound).canonical)"
                : "number >= \(Value.number(range.lowerBound).canonical)"
        case .text: "text"
        case .flag: "true or false"
        case .choice(let choices): choices.joined(separator: " | ")
        case .list(let element): "list of \(element.words)"
        case .shard: "part, such as 0/4"
        case .file: "file"
        }
    }
}
