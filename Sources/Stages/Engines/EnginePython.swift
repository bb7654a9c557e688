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
    var environment: [String: String]
    private let isCancelled: @Sendable () -> Bool

    /// The variables of the worker that programs get, besides those of commands: the devices, and how to find libraries
    /// of the system.
    static let inherited = [
        "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "LD_LIBRARY_PATH",
    ]

    /// The variables of a program of an engine: those of `variables` with names in `inherited` or `more`, and those that
    /// keep packages of Hugging Face from the network. `directory` is for their caches. With `program`, whose path is
    /// known, the programs beside it are found by name.
    static func environment(
        from variables: [String: String], more: [String] = [], directory: String,
        program: String? = nil
    ) -> [String: String] {
        let visible = Set(inherited + CommandStage.inherited + more)
        var environment = variables.filter { visible.contains($0.key) }
        environment.merge([
            "HF_HOME": directory + "/huggingface", "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
        ]) { $1 }
        if let program {
            environment["PATH"] =
                FilePath.parent(FilePath.absolute(program)) + ":" + (variables["PATH"] ?? "")
        }
        return environment
    }

    /// `directory` is for the caches of the packages. Throws if there is no such program.
    init(_ context: StageContext, variables: [String: String], directory: String) throws {
        let python = context[TrainExternal.python]
        name = python
        isCancelled = context.isCancelled
        let nodes = context[TrainExternal.nodes]
        let slurm = nodes > 1 ? variables.keys.filter { $0.hasPrefix("SLURM") } : []
        // Only a path says where the environment of this Python is.
        let isPath = context.prefix.isEmpty && FilePath.hasDirectory(python)
        var environment = Self.environment(
            from: variables, more: context[TrainExternal.environment] + slurm,
            directory: directory, program: isPath ? python : nil)
        environment.merge([
            "HF_DATASETS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1",
            "TOKENIZERS_PARALLELISM": "false",
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
        guard isPath else {
            guard let found = ProgramRun.path(of: python, in: variables["PATH"] ?? "") else {
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
        self.environment = environment
    }

    /// Whether torch works, but finds no accelerator on this machine, such as a GPU.
    func lacksAccelerator() throws -> Bool {
        let script = "import torch; print(getattr(torch, 'accelerator', torch.cuda).is_available())"
        let run = try run(["-c", script], limit: .seconds(300))
        return run.isSuccess && run.output.last == "False"
    }

    /// The result of a short program.
    struct Result {
        let isSuccess: Bool
        /// How it ended, in words that follow the name of the program.
        let status: String
        let output: [String]
        /// The line that may explain a failure.
        let lastLine: String
    }

    /// Runs a short program to its end. Throws `CancellationError` if the stage is cancelled in the meantime.
    func run(_ arguments: [String], limit: Duration) throws -> Result {
        let process = try LineProcess(
            executable: command[0], arguments: command.dropFirst() + arguments,
            environment: environment)
        let deadline = ContinuousClock.now + limit
        var output: [String] = []
        var remark = EngineRemark()
        while true {
            let heard = process.listen(milliseconds: 100)
            output += heard.answers
            for line in heard.remarks { remark.note(line) }
            if heard.isOver { break }
            let isCancelled = isCancelled()
            if isCancelled || .now > deadline {
                _ = process.end(within: 0)
                if isCancelled { throw CancellationError() }
                return Result(
                    isSuccess: false, status: "did not end in time", output: output,
                    lastLine: remark.line)
            }
        }
        let status = process.end(within: 5000)
        return Result(
            isSuccess: status?.isSuccess ?? false, status: status?.text ?? "does not end",
            output: output, lastLine: remark.line)
    }
}
