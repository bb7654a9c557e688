import JSON

/// A stage kind and its work. A stage has access to its options, its input and output directories and an event sink,
/// but not to the scheduler or the database.
package protocol Stage: Sendable {
    static var kind: StageKind { get }

    init()

    /// Reads the inputs and writes all outputs. Throws an error whose description names the thing involved and the
    /// remedy. Throws `CancellationError` soon after `context.isCancelled` becomes true.
    func run(in context: StageContext) async throws
}

/// The context of an attempt at a stage.
package struct StageContext: Sendable {
    package let options: Options

    /// Unpacked input directories, in gathered order.
    package let inputs: [String: [String]]

    /// Existing, empty directories to write, by output name.
    package let outputs: [String: String]

    /// A directory that is kept between attempts of an execution, for checkpoints and finished parts, which are placed
    /// by rename.
    package let work: String

    /// The number of threads that the stage may use. The result does not depend on it.
    package let threads: Int

    /// The command line in front of that of a program that the stage runs in the environment of the profile; empty if
    /// there is none.
    package let prefix: [String]

    package let emit: @Sendable (StageEvent) -> Void

    /// Whether the stage should save a checkpoint and stop.
    package let isCancelled: @Sendable () -> Bool

    /// Records the peak resident size, in bytes, of a finished program that the stage started.
    package let recordPeakMemory: @Sendable (Int) -> Void

    /// Whether processes that the stage started are still running.
    package let hasProcesses: @Sendable () -> Bool

    package init(
        options: Options, inputs: [String: [String]], outputs: [String: String], work: String,
        threads: Int, prefix: [String] = [], emit: @escaping @Sendable (StageEvent) -> Void,
        isCancelled: @escaping @Sendable () -> Bool,
        recordPeakMemory: @escaping @Sendable (Int) -> Void = { _ in },
        hasProcesses: @escaping @Sendable () -> Bool = { false }
    ) {
        self.options = options
        self.inputs = inputs
        self.outputs = outputs
        self.work = work
        self.threads = threads
        self.prefix = prefix
        self.emit = emit
        self.isCancelled = isCancelled
        self.recordPeakMemory = recordPeakMemory
        self.hasProcesses = hasProcesses
    }

    /// The directory of the declared, not gathered input `name`; `nil` if the pipeline omits an optional input.
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

/// The options of a stage with defaults filled in and types checked. Reading a declared option cannot fail; reading an
/// undeclared one is a bug and stops the program.
package struct Options: Hashable, Sendable {
    package let values: [String: JSONValue]

    /// The names under which the cache key contains the coordinates of replicates, and the instances whose directories
    /// the manifests of inputs list.
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

    /// The texts of a list; empty if the option is not declared.
    package func names(_ option: String) -> [String] {
        guard case .array(let values)? = values[option] else { return [] }
        return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    private func undeclared(_ name: String, _ type: String) -> Never {
        preconditionFailure("the stage reads option \(name) as \(type), which it does not declare")
    }
}

/// An error of a stage for which a retry may be pointless, such as contradictory options.
package protocol LastingError: Error {
    var isLasting: Bool { get }
}
