import Files
import Foundation
import Pipeline
import Processes

/// The Python in which an engine is installed, and the variables of its programs.
struct EnginePython {
    /// As given by the user, for messages.
    let name: String

    /// The command line in front of the arguments of Python: the program first.
    let command: [String]
    let environment: [String: String]

    /// The variables of the worker that programs get, besides those of commands: the devices, and how to find libraries
    /// of the system.
    private static let inherited = [
        "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "LD_LIBRARY_PATH",
    ]

    /// `directory` is for the caches of the packages. Throws if there is no such program.
    init(_ context: StageContext, variables: [String: String], directory: String) throws {
        let python = context[TrainExternal.python]
        name = python
        let nodes = context[TrainExternal.nodes]
        let visible =
            Self.inherited + CommandStage.inherited + context[TrainExternal.environment]
        var environment = variables.filter { name, _ in
            visible.contains(name) || (nodes > 1 && name.hasPrefix("SLURM"))
        }
        environment.merge([
            "HF_HOME": directory + "/huggingface", "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false",
            "PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": "0",
            // Without it, products on GPUs have no deterministic algorithm.
            "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
            "OMP_NUM_THREADS": "\(max(1, context.threads / context[TrainExternal.processes]))",
        ]) { $1 }
        if let interface = context[TrainExternal.interface] {
            environment["GLOO_SOCKET_IFNAME"] = interface
            environment["NCCL_SOCKET_IFNAME"] = interface
        }
        guard context.prefix.isEmpty else {
            let program = try EnvironmentProgram.path(of: context.prefix[0], in: variables)
            command = [program] + context.prefix.dropFirst() + [python]
            self.environment = environment
            return
        }
        let path = variables["PATH"] ?? ""
        guard FilePath.hasDirectory(python) else {
            guard let found = ProgramRun.path(of: python, in: path) else {
                throw EngineError.noPython(python)
            }
            command = [found]
            self.environment = environment
            return
        }
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw EngineError.noPython(python)
        }
        command = [python]
        // Engines start further programs of their environment by name.
        environment["PATH"] = FilePath.parent(FilePath.absolute(python)) + ":" + path
        self.environment = environment
    }

    /// Runs a short program to its end. Throws `CancellationError` if the task is cancelled.
    func run(_ arguments: [String], limit: Duration) throws -> ProgramRun {
        let run = try ProgramRun(
            command[0], command.dropFirst() + arguments, environment: environment, limit: limit,
            endsWithTask: true)
        if run.outcome == .cancelled { throw CancellationError() }
        return run
    }
}
