import Foundation
import Inference
import JSON
import Pipeline

/// The option `backend` of stages that only generate and score: the inference servers that run the model, which run
/// already, or which the stage starts.
struct Backend: Sendable {
    let kind: ServerKind
    let version: String
    /// The program that the stage starts; `nil` for running servers.
    let program: String?
    let settings: [String: JSONValue]
    let variables: [String: JSONValue]
    let concurrency: Int
    let failedLimit: Double

    private let declaredModel: String?
    private let urls: [String]
    private let timeout: Int
    private let outage: Int
    private let keyFile: String?

    static let option = Option<Backend?>.table(
        "backend",
        [
            kind, version, model, urls, program, settings, variables, concurrency, timeout, outage,
            failedLimit, keyFile,
        ],
        "Inference servers that run the model, instead of the engine of this program; of the model, only the configuration and the tokenizer are read.",
        read: Backend.init
    ).addedLater

    private static let kind = Option.required(
        "kind", ServerKind.self, "The kind of the servers. sglang is untested.")
    private static let version = Option.required(
        "version", "The version that the servers report, such as 0.32.0.")
    private static let model = Option<String?>(
        "model", "The name under which running servers know the model.", affectsResult: false)
    private static let urls = Option<[String]>(
        "urls",
        "The addresses of running servers, such as http://node1:8000, or absolute paths of files with `{\"url\": ...}`, which the jobs of the servers write.",
        affectsResult: false)
    private static let program = Option<String?>(
        "program",
        "The program vllm, which the stage starts for itself and ends, instead of `urls`: a path, or a name in PATH.",
        affectsResult: false
    ).ofProgram
    private static let settings = Option<[String: JSONValue]>.map(
        "settings", "Arguments of `vllm serve`, such as `max_model_len: 4096`."
    ).addedLater
    private static let variables = Option<[String: JSONValue]>.map(
        "variables",
        "Environment variables of the program with their values, such as `VLLM_CPU_KVCACHE_SPACE: 4`."
    ).addedLater
    private static let concurrency = Option(
        "concurrency", in: 1...4096, default: 64,
        "The maximum number of requests in flight per server; fewer if it fails.",
        affectsResult: false)
    private static let timeout = Option(
        "timeout", in: 1...1_000_000, default: 600,
        "The number of seconds after which a request without a complete answer is repeated.",
        affectsResult: false)
    private static let outage = Option(
        "outage", in: 0...1_000_000, default: 300,
        "The number of seconds for which a server may fail before it is not asked any more.",
        affectsResult: false)
    private static let failedLimit = Option<Double>(
        "failed_limit", in: 0...1, default: 0,
        "The share of samples that may be missing because requests for them failed repeatedly.")
    private static let keyFile = Option<String?>(
        "key_file", "The absolute path of a file with the key that the servers ask for.",
        affectsResult: false)

    @Sendable private init?(_ options: Options) {
        guard let kind = options[ifDeclared: Self.kind] else { return nil }
        self.kind = kind
        version = options[Self.version]
        declaredModel = options[Self.model]
        urls = options[Self.urls]
        program = options[Self.program]
        settings = options[Self.settings]
        variables = options[Self.variables]
        concurrency = options[Self.concurrency]
        timeout = options[Self.timeout]
        outage = options[Self.outage]
        failedLimit = options[Self.failedLimit]
        keyFile = options[Self.keyFile]
    }

    /// The name under which the servers know the model.
    var model: String { declaredModel ?? ServerLaunch.model }

    /// The places of running servers, which `check` has found to be valid.
    var places: [ServerPlace] { urls.compactMap { ServerPlace($0) } }

    /// How requests are sent. Throws `InferenceError` if the key cannot be read.
    func policy() throws -> RequestQueue.Policy {
        var policy = RequestQueue.Policy()
        policy.concurrency = concurrency
        policy.seconds = timeout
        policy.outageSeconds = outage
        if let keyFile {
            guard let data = FileManager.default.contents(atPath: keyFile) else {
                throw InferenceError.unreadableKey(keyFile)
            }
            policy.key = String(decoding: data, as: UTF8.self)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return policy
    }

    /// Throws if it is not clear which servers are used, or if a server is neither an address nor a file.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        guard let backend = settings.options[option] else { return }
        guard backend.program == nil else { return try backend.checkProgram() }
        guard !backend.urls.isEmpty else { throw .noServer }
        for url in backend.urls where ServerPlace(url) == nil { throw .badServer(url) }
        guard backend.declaredModel != nil else { throw .noServedModel }
        let ofProgram = [("settings", backend.settings), ("variables", backend.variables)]
        for (field, members) in ofProgram where !members.isEmpty {
            throw .needsServerProgram(field)
        }
    }

    /// Throws if the program cannot be started as declared.
    private func checkProgram() throws(OptionMistake) {
        guard kind == .vllm else { throw .cannotStart(kind) }
        let ofServers: [(String, Bool)] = [
            ("urls", !urls.isEmpty), ("model", declaredModel != nil), ("key_file", keyFile != nil),
        ]
        for (field, isGiven) in ofServers where isGiven { throw .withServerProgram(field) }
        for name in settings.keys.sorted() where ServerLaunch.keeps(name) {
            throw .keptServerField(name, in: "settings")
        }
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            if ServerLaunch.keptVariables.contains(name) {
                throw .keptServerField(name, in: "variables")
            }
            if value.variableText == nil || name.isEmpty || name.contains("=") {
                throw .badServerVariable(name)
            }
        }
    }

    /// Throws if the servers cannot compute log-probabilities of given texts.
    @Sendable static func scoringCheck(_ settings: StageSettings) throws(OptionMistake) {
        guard let backend = settings.options[option], !backend.kind.scores else { return }
        throw .cannotScore(backend.kind)
    }
}

extension InferenceError: LastingError {}
