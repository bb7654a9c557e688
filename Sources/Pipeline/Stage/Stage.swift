import JSON

/// A kind of stage and the work it does. A stage sees its options, its input directories, its output
/// directories and a place to emit events: never the scheduler, never the database.
package protocol Stage: Sendable {
    static var kind: StageKind { get }

    init()

    /// Reads the inputs and writes every output. Throws an error whose description names the thing
    /// involved and the remedy; throws `CancellationError` soon after `context.isCancelled` turns true.
    func run(in context: StageContext) async throws
}

/// What one attempt at a stage is given.
package struct StageContext: Sendable {
    package let options: Options

    /// Unpacked input directories, in gathered order.
    package let inputs: [String: [String]]

    /// Existing, empty directories to write, by output name.
    package let outputs: [String: String]

    /// Kept between attempts of one execution: checkpoints and finished parts go here, by rename.
    package let work: String

    /// Threads the stage may use. The result never depends on it.
    package let threads: Int

    package let emit: @Sendable (StageEvent) -> Void

    /// Whether the stage should save what it has and stop.
    package let isCancelled: @Sendable () -> Bool

    /// Takes the largest resident set, in bytes, of a program that the stage started and that has ended.
    package let recordPeakMemory: @Sendable (Int) -> Void

    /// Whether something that the stage started still runs.
    package let hasProcesses: @Sendable () -> Bool

    package init(
        options: Options, inputs: [String: [String]], outputs: [String: String], work: String,
        threads: Int, emit: @escaping @Sendable (StageEvent) -> Void,
        isCancelled: @escaping @Sendable () -> Bool,
        recordPeakMemory: @escaping @Sendable (Int) -> Void = { _ in },
        hasProcesses: @escaping @Sendable () -> Bool = { false }
    ) {
        self.options = options
        self.inputs = inputs
        self.outputs = outputs
        self.work = work
        self.threads = threads
        self.emit = emit
        self.isCancelled = isCancelled
        self.recordPeakMemory = recordPeakMemory
        self.hasProcesses = hasProcesses
    }

    /// The directory of the input `name`, which must be declared and not gathered; `nil` if the
    /// pipeline leaves an optional one out.
    package func input(_ name: String) -> String? { inputs[name]?.first }

    /// The directory of a required input.
    package func required(_ name: String) -> String {
        guard let path = input(name) else {
            preconditionFailure("the input \(name) is not declared as required")
        }
        return path
    }

    /// The directory of a declared output.
    package func output(_ name: String) -> String {
        guard let path = outputs[name] else { preconditionFailure("no output \(name) is declared") }
        return path
    }
}

/// The settings of a stage with defaults filled in and types checked, so that reading a declared
/// option cannot fail; reading another one is a bug and stops the program.
package struct Options: Hashable, Sendable {
    package let values: [String: JSONValue]

    /// Under these names are, for stages that ask for it, the coordinates that tell repetitions apart, and whose
    /// directories the manifests of inputs list.
    static let replicates = "replicates"
    package static let manifests = "manifests"

    package init(_ values: [String: JSONValue]) { self.values = values }

    package func integer(_ name: String) -> Int {
        guard case .integer(let value)? = values[name] else { undeclared(name, "an integer") }
        return value
    }

    package func number(_ name: String) -> Double {
        switch values[name] {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: undeclared(name, "a number")
        }
    }

    package func text(_ name: String) -> String {
        guard case .string(let value)? = values[name] else { undeclared(name, "a text") }
        return value
    }

    package func flag(_ name: String) -> Bool {
        guard case .bool(let value)? = values[name] else { undeclared(name, "a flag") }
        return value
    }

    package func list(_ name: String) -> [JSONValue] {
        guard case .array(let value)? = values[name] else { undeclared(name, "a list") }
        return value
    }

    /// The texts of a list, none if the option is not declared.
    package func names(_ option: String) -> [String] {
        guard case .array(let values)? = values[option] else { return [] }
        return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    private func undeclared(_ name: String, _ type: String) -> Never {
        preconditionFailure("the stage reads option \(name) as \(type), which it does not declare")
    }
}

/// A stage's error that may be of the kind that trying again cannot mend, such as options that make no
/// sense together.
package protocol LastingError: Error {
    var isLasting: Bool { get }
}
