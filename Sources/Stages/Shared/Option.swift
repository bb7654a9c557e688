import JSON
import Pipeline

/// An option of a stage. It is declared once with its name, allowed values, default and documentation, and read
/// with its type by the same declaration: `context[Self.advantage]`.
struct Option<Content: Sendable>: Sendable {
    private(set) var declaration: StageKind.Option

    /// The typed value; `nil` if the declaration does not allow the value.
    fileprivate let read: @Sendable (JSONValue) -> Content?

    var name: String { declaration.name }

    fileprivate init(
        _ name: String, _ type: OptionType, default fallback: JSONValue?, _ summary: String,
        affectsResult: Bool = true, read: @escaping @Sendable (JSONValue) -> Content?
    ) {
        declaration = StageKind.Option(
            name, type, default: fallback, affectsResult: affectsResult, summary)
        self.read = read
    }

    /// The same option with other documentation, for a stage in which it means something else.
    func documented(_ summary: String) -> Option {
        replacing(default: declaration.fallback, summary)
    }

    var addedLater: Option {
        replacing(default: declaration.fallback, keyHasDefault: false)
    }

    /// The same option, whose value is a program that the stage starts on the machine where it runs.
    var ofProgram: Option {
        var option = self
        option.declaration.isProgram = true
        return option
    }

    fileprivate func replacing(
        default fallback: JSONValue?, _ summary: String? = nil, keyHasDefault: Bool? = nil
    ) -> Option {
        var option = self
        option.declaration = StageKind.Option(
            name, declaration.type, default: fallback, affectsResult: declaration.affectsResult,
            keyHasDefault: keyHasDefault ?? declaration.keyHasDefault,
            summary ?? declaration.summary)
        return option
    }
}

/// Any option, for the list of the options of a stage.
protocol OptionDeclaration: Sendable {
    var declaration: StageKind.Option { get }

    /// The same option, whose default is not part of cache keys; see `StageKind.Option.keyHasDefault`.
    var addedLater: Self { get }
}

extension Option: OptionDeclaration {}

extension StageKind {
    init(
        name: String, version: Int, summary: String, inputs: [Input] = [], outputs: [Output],
        options: [any OptionDeclaration], alternatives: [[String]] = [], isOpen: Bool = false,
        runsProgram: Bool = false, checks: [Check] = [],
        memory: @escaping MemoryEstimate = { _, _ in nil },
        work: @escaping WorkEstimate = { _ in .unknown }
    ) {
        self.init(
            name: name, version: version, summary: summary, inputs: inputs, outputs: outputs,
            options: options.map(\.declaration), alternatives: alternatives, isOpen: isOpen,
            runsProgram: runsProgram, checks: checks, memory: memory,
            work: work)
    }
}

extension [any OptionDeclaration] {
    /// The options, with those in `others` replacing options of the same name.
    func overridden(by others: [any OptionDeclaration]) -> [any OptionDeclaration] {
        map { option in
            others.first { $0.declaration.name == option.declaration.name } ?? option
        }
    }
}

extension Options {
    /// The value of an option; the stage must declare it.
    subscript<Content>(option: Option<Content>) -> Content {
        guard let content = self[ifDeclared: option] else {
            preconditionFailure(
                "the stage reads the option \(option.name), which it does not declare")
        }
        return content
    }

    /// The value of an option; `nil` if this stage kind does not declare it.
    subscript<Content>(ifDeclared option: Option<Content>) -> Content? {
        values[option.name].flatMap(option.read)
    }
}

extension StageContext {
    /// The value of an option; the stage must declare it.
    subscript<Content>(option: Option<Content>) -> Content { options[option] }
}

// MARK: - Numbers

private func integer(_ value: JSONValue) -> Int? {
    if case .integer(let integer) = value { integer } else { nil }
}

private func number(_ value: JSONValue) -> Double? {
    switch value {
    case .number(let number): number
    case .integer(let integer): Double(integer)
    default: nil
    }
}

/// Returns `nil` for a value that is not allowed, and `.some(nil)` for null.
private func optional<Content>(
    _ read: @escaping @Sendable (JSONValue) -> Content?
) -> @Sendable (JSONValue) -> Content?? {
    { value in value == .null ? .some(nil) : read(value).map { .some($0) } }
}

extension Option<Int> {
    /// Without `fallback`, the option is required.
    init(
        _ name: String, in range: ClosedRange<Int>, default fallback: Int? = nil, _ summary: String,
        affectsResult: Bool = true
    ) {
        self.init(
            name, .integer(range), default: fallback.map { .integer($0) }, summary,
            affectsResult: affectsResult, read: integer)
    }

    func defaulting(to fallback: Int) -> Self { replacing(default: .integer(fallback)) }

    /// The same option as an alternative to another one: null by default.
    var orAlternative: Option<Int?> {
        Option<Int?>(
            name, declaration.type, default: .null, declaration.summary, read: optional(integer))
    }

    /// The option `seed` of every stage that uses random numbers.
    static func seed(_ summary: String = "Seed of the random numbers.") -> Self {
        Option("seed", in: 0...Int.max, default: 0, summary)
    }
}

extension Option<Int?> {
    /// Null by default.
    init(
        _ name: String, in range: ClosedRange<Int>, _ summary: String, affectsResult: Bool = true
    ) {
        self.init(
            name, .integer(range), default: .null, summary, affectsResult: affectsResult,
            read: optional(integer))
    }

    func defaulting(to fallback: Int) -> Self { replacing(default: .integer(fallback)) }
}

extension Option<Double> {
    init(
        _ name: String, in range: ClosedRange<Double>, default fallback: Double, _ summary: String,
        affectsResult: Bool = true
    ) {
        self.init(
            name, .number(range), default: .number(fallback), summary, affectsResult: affectsResult,
            read: number)
    }

    func defaulting(to fallback: Double) -> Self { replacing(default: .number(fallback)) }
}

extension Option<Double?> {
    /// Null by default.
    init(
        _ name: String, in range: ClosedRange<Double>, _ summary: String,
        affectsResult: Bool = true
    ) {
        self.init(
            name, .number(range), default: .null, summary, affectsResult: affectsResult,
            read: optional(number))
    }
}

// MARK: - Flags, texts and choices

private func flag(_ value: JSONValue) -> Bool? {
    if case .bool(let flag) = value { flag } else { nil }
}

private func text(_ value: JSONValue) -> String? {
    if case .string(let text) = value { text } else { nil }
}

extension Option<Bool> {
    init(_ name: String, default fallback: Bool, _ summary: String) {
        self.init(name, .flag, default: .bool(fallback), summary, read: flag)
    }
}

extension Option<Bool?> {
    /// Null by default.
    init(_ name: String, _ summary: String) {
        self.init(name, .flag, default: .null, summary, read: optional(flag))
    }
}

extension Option<String> {
    init(
        _ name: String, default fallback: String, _ summary: String, affectsResult: Bool = true
    ) {
        self.init(
            name, .text, default: .string(fallback), summary, affectsResult: affectsResult,
            read: text
        )
    }

    /// One of a list of choices that is known only at run time, such as the names of tasks.
    init(_ name: String, of choices: [String], default fallback: String, _ summary: String) {
        self.init(name, .choice(choices), default: .string(fallback), summary, read: text)
    }

    /// The path of an existing directory. The contents of the files that match `files` are part of the cache
    /// key.
    static func directory(_ name: String, files: [String], _ summary: String) -> Self {
        Self(name, .directory(files), default: nil, summary, read: text)
    }
}

extension Option<String?> {
    /// Null by default.
    init(_ name: String, _ summary: String, affectsResult: Bool = true) {
        self.init(
            name, .text, default: .null, summary, affectsResult: affectsResult,
            read: optional(text))
    }

    /// A text that is not part of the cache key; null by default.
    static func unkeyed(_ name: String, _ summary: String) -> Self {
        Self(
            name, .text, default: .null, summary, affectsResult: false, read: optional(text))
    }

    /// One of a list of choices that is known only at run time; null by default.
    init(_ name: String, of choices: [String], _ summary: String) {
        self.init(name, .choice(choices), default: .null, summary, read: optional(text))
    }

    /// The path of an existing file, whose content is part of the cache key; null by default.
    static func file(_ name: String, _ summary: String) -> Self {
        Self(name, .file, default: .null, summary, read: optional(text))
    }
}

extension Option where Content: RawRepresentable<String> & CaseIterable {
    /// One of the cases of an enumeration, or of those in `allowed`.
    init(
        _ name: String, _ type: Content.Type, _ allowed: [Content] = Array(Content.allCases),
        default fallback: Content, _ summary: String
    ) {
        self.init(
            name, .choice(allowed.map(\.rawValue)), default: .string(fallback.rawValue), summary,
            read: { text($0).flatMap { Content(rawValue: $0) } })
    }
}

extension Option {
    /// One of the cases of an enumeration; null by default.
    init<Case: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ type: Case.Type, _ summary: String
    ) where Content == Case? {
        self.init(
            name, .choice(Case.allCases.map(\.rawValue)), default: .null, summary,
            read: optional { text($0).flatMap { Case(rawValue: $0) } })
    }

    /// One of the cases of an enumeration, or `none`, which is read as `nil`.
    init<Case: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, orNone type: Case.Type, default fallback: Case, _ summary: String
    ) where Content == Case? {
        self.init(
            name, .choice(Case.allCases.map(\.rawValue) + ["none"]),
            default: .string(fallback.rawValue), summary,
            read: { text($0).map { Case(rawValue: $0) } })
    }
}

extension Option where Content: RawRepresentable<String> & CaseIterable {
    /// One of the cases of an enumeration, which must be given.
    static func required(
        _ name: String, _ type: Content.Type, _ summary: String
    ) -> Self {
        Self(
            name, .choice(Content.allCases.map(\.rawValue)), default: nil, summary,
            read: { text($0).flatMap { Content(rawValue: $0) } })
    }
}

extension Option<String> {
    /// A text, which must be given.
    static func required(
        _ name: String, _ summary: String, affectsResult: Bool = true
    ) -> Self {
        Self(name, .text, default: nil, summary, affectsResult: affectsResult, read: text)
    }
}

extension Option {
    /// A table whose fields are options; null by default. `read` receives the fields.
    static func table<Table: Sendable>(
        _ name: String, _ fields: [any OptionDeclaration], _ summary: String,
        read: @escaping @Sendable (Options) -> Table?
    ) -> Self where Content == Table? {
        Self(
            name, .table(fields.map(\.declaration)), default: .null, summary,
            read: optional { value in
                guard case .object(let members) = value else { return nil }
                return read(Options(members))
            })
    }
}

extension Option<Shard> {
    static let shard = Option(
        "shard", .shard, default: .string("0/1"), "The part of the questions to process.",
        read: { text($0).flatMap { Shard($0) } })
}

// MARK: - Lists

private func list<Element>(
    of read: @escaping @Sendable (JSONValue) -> Element?
) -> @Sendable (JSONValue) -> [Element]? {
    { value in
        guard case .array(let values) = value else { return nil }
        let elements = values.compactMap(read)
        return elements.count == values.count ? elements : nil
    }
}

extension Option<[Int]> {
    init(
        _ name: String, each range: ClosedRange<Int>, default fallback: [Int], _ summary: String
    ) {
        self.init(
            name, .list(.integer(range)), default: .array(fallback.map { .integer($0) }), summary,
            read: list(of: integer))
    }
}

extension Option<[Double]> {
    init(
        _ name: String, each range: ClosedRange<Double>, default fallback: [Double],
        _ summary: String
    ) {
        self.init(
            name, .list(.number(range)), default: .array(fallback.map { .number($0) }), summary,
            read: list(of: number))
    }
}

extension Option<[Double]?> {
    /// Null by default.
    init(_ name: String, each range: ClosedRange<Double>, _ summary: String) {
        self.init(
            name, .list(.number(range)), default: .null, summary,
            read: optional(list(of: number)))
    }
}

extension Option<[String]> {
    /// `element` is `.text`, `.file` or `.path`. Without `fallback`, the option is required.
    init(
        _ name: String, each element: OptionType = .text, default fallback: [String]? = [],
        _ summary: String, affectsResult: Bool = true
    ) {
        self.init(
            name, .list(element), default: fallback.map { .array($0.map { .string($0) }) }, summary,
            affectsResult: affectsResult, read: list(of: text))
    }
}

extension Option<[String]?> {
    /// Null by default.
    init(_ name: String, each element: OptionType = .text, _ summary: String) {
        self.init(
            name, .list(element), default: .null, summary, read: optional(list(of: text)))
    }
}

// MARK: - Tables

extension Option<[String: JSONValue]> {
    /// A table with any members; empty by default.
    static func map(_ name: String, _ summary: String) -> Self {
        Option(
            name, .map, default: .object([:]), summary,
            read: { if case .object(let members) = $0 { members } else { nil } })
    }
}
