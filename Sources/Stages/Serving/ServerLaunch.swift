import Files
import Foundation
import Inference
import JSON
import Pipeline
import Processes
import Synchronization

/// The start of vLLM by a stage, for the directory of a model.
package struct ServerLaunch {
    /// The name under which the server knows the model.
    static let model = "model"

    private let directory: String
    private let settings: [String: JSONValue]

    /// Whether the weights are of type float32, which vLLM would otherwise round to bfloat16.
    private let isSingle: Bool

    package init(directory: String, settings: [String: JSONValue], isSingle: Bool) {
        self.directory = directory
        self.settings = settings
        self.isSingle = isSingle
    }

    /// The arguments of vLLM that the stage sets, or that would change what answers mean.
    private static let kept: Set = [
        "model", "served_model_name", "host", "port", "uds", "api_key", "root_path", "config",
        "headless", "tokenizer", "logprobs_mode", "return_tokens_as_token_ids", "ssl_keyfile",
        "ssl_certfile", "ssl_ca_certs", "ssl_cert_reqs", "skip_tokenizer_init",
        "generation_config", "override_generation_config",
    ]

    /// The environment variables of the program that the stage sets: the key of requests, and the mark by which
    /// processes that outlive the stage are found.
    static let keptVariables = ["VLLM_API_KEY", StageProcesses.mark]

    /// What `settings` may replace. A line for each request would fill the log of the stage.
    private var defaults: [String: JSONValue] {
        var defaults: [String: JSONValue] = ["disable_uvicorn_access_log": .bool(true)]
        if isSingle { defaults["dtype"] = .string("float32") }
        return defaults
    }

    /// Whether a setting is not for the user.
    static func keeps(_ name: String) -> Bool {
        kept.contains(name.replacingOccurrences(of: "-", with: "_"))
    }

    /// The arguments of the program: `name: value` is `--name=value`, and `name: false` is `--no-name`.
    package func arguments(port: Int) -> [String] {
        let own = [
            "serve", directory, "--served-model-name=\(Self.model)", "--host=127.0.0.1",
            "--port=\(port)",
            // `max_new_tokens` of the model's generation_config.json would limit all texts.
            "--generation-config=vllm",
        ]
        return own
            + defaults.merging(settings) { $1 }.sorted { $0.key < $1.key }.map { name, value in
                let name = name.replacingOccurrences(of: "_", with: "-")
                return switch value {
                case .bool(true): "--\(name)"
                case .bool(false): "--no-\(name)"
                case .string(let text): "--\(name)=\(text)"
                default: "--\(name)=\(value.canonical)"
                }
            }
    }
}

extension Backend {
    /// The server of the input `model` that the stage runs. Requests need the key. Throws `InferenceError` if there is
    /// no such program.
    func process(
        _ program: String, key: String, _ transport: any HTTPTransport, in context: StageContext
    ) throws -> ServerProcess {
        let inherited = ProcessInfo.processInfo.environment
        guard let executable = ProgramRun.path(of: program, in: inherited["PATH"] ?? "") else {
            throw InferenceError.startFailure(
                "cannot start `program` of `backend`: there is no program \(program)"
                    + (FilePath.hasDirectory(program) ? "" : " in PATH"))
        }
        var environment = EnginePython.environment(
            from: inherited, directory: context.work, program: executable)
        environment.merge([
            "VLLM_API_KEY": key, "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1",
            "OMP_NUM_THREADS": "\(context.threads)",
        ]) { $1 }
        environment.merge(variables.compactMapValues(\.variableText)) { $1 }
        let directory = context.required("model")
        let configuration = PythonJSON.file(directory + "/config.json")
        let type = configuration?["dtype"] ?? configuration?["torch_dtype"]
        let launch = ServerLaunch(
            directory: directory, settings: settings, isSingle: type == .string("float32"))
        let remark = Mutex(ServerRemark())
        return ServerProcess(
            kind.rawValue,
            ServerProcess.Launch(
                executable: executable,
                arguments: { port in
                    // Each process explains its own end.
                    remark.withLock { $0 = ServerRemark() }
                    return launch.arguments(port: port)
                },
                environment: environment,
                receive: { lines in
                    lines.forEachLine { line in
                        let text = String(decoding: line, as: UTF8.self)
                        context.emit(.log(text))
                        remark.withLock { $0.note(text) }
                    }
                },
                lastLine: { remark.withLock { $0.line } }),
            transport, log: { context.emit(.log($0)) })
    }
}

extension JSONValue {
    /// The value of an environment variable; `nil` for a value that is none.
    var variableText: String? {
        switch self {
        case .string(let text): text.contains("\0") ? nil : text
        case .integer, .number: canonical
        default: nil
        }
    }
}
