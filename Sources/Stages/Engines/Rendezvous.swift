import Glibc
import Processes

/// Where the processes of a training meet, and how torchrun starts them. The rendezvous is static: the rank of a node is
/// its place in the job, and all processes know the address of the first node. The dynamic rendezvous of torchrun takes
/// the rank by arrival, and finds its host by name, which fails on hosts with several addresses.
package struct Rendezvous: Hashable {
    let nodes: Int
    let processes: Int
    let address: String
    let port: Int

    package init(nodes: Int, processes: Int, address: String, port: Int) {
        self.nodes = nodes
        self.processes = processes
        self.address = address
        self.port = port
    }

    /// The command line in front of the arguments of `TrainingEngine.arguments`. `python` is the command line of
    /// Python. On several nodes, `srun` starts torchrun on each.
    package func launcher(python: [String], cpus: String?) -> [String] {
        guard nodes * processes > 1 else { return python }
        let torchrun =
            python + [
                "-m", "torch.distributed.run", "--nnodes", "\(nodes)", "--nproc_per_node",
                "\(processes)", "--max_restarts", "0", "--master_addr", address, "--master_port",
                "\(port)",
            ]
        guard nodes > 1 else { return torchrun }
        // A step does not inherit the number of processors of the job. torchrun reads its options from variables, too.
        return ["srun", "--nodes=\(nodes)", "--ntasks=\(nodes)", "--ntasks-per-node=1"]
            + (cpus.map { ["--cpus-per-task=\($0)"] } ?? [])
            + [
                "--kill-on-bad-exit=1", "--export=ALL", "sh", "-c",
                "PET_NODE_RANK=$SLURM_NODEID exec \"$@\"", "sh",
            ] + torchrun
    }

    /// The rendezvous of the nodes of the Slurm job in `variables`. Throws `EngineError` if there are fewer nodes.
    init(nodes: Int, processes: Int, variables: [String: String]) throws {
        let given = variables["SLURM_JOB_NUM_NODES"].flatMap { Int($0) } ?? 1
        guard given >= nodes, let list = variables["SLURM_JOB_NODELIST"],
            let job = variables["SLURM_JOB_ID"].flatMap({ Int($0) })
        else { throw EngineError.nodes(wanted: nodes, given: given) }
        let first = try Self.scontrol(["show", "hostnames", list], variables)
            .split(separator: "\n").first.map(String.init)
        guard let first,
            let address = Self.address(in: try Self.scontrol(["show", "node", first], variables))
        else { throw EngineError.noAddress(node: first ?? list) }
        let restarts = variables["SLURM_RESTART_COUNT"].flatMap { Int($0) } ?? 0
        self.init(
            nodes: nodes, processes: processes, address: address,
            port: Self.port(job: job, restarts: restarts))
    }

    /// A port from the number of the job, so that two jobs, or an attempt that still ends, do not meet on one host.
    package static func port(job: Int, restarts: Int) -> Int {
        20_000 + (job % 20_000 + 97 * (restarts % 20_000)) % 20_000
    }

    /// The address in the output of `scontrol show node`.
    package static func address(in text: String) -> String? {
        text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("NodeAddr=") }.map {
            String($0.dropFirst("NodeAddr=".count))
        }
    }

    private static func scontrol(
        _ arguments: [String], _ variables: [String: String]
    ) throws -> String {
        guard let path = ProgramRun.path(of: "scontrol", in: variables["PATH"] ?? "") else {
            throw SpawnError(executable: "scontrol", reason: "not found in PATH")
        }
        return try ProgramRun(
            path, arguments, environment: variables, limit: .seconds(60), endsWithTask: true
        ).outputText
    }

    /// The default of torch.
    private static let fallbackPort = 29_500

    /// The rendezvous of processes on this machine.
    init(processes: Int) {
        self.init(
            nodes: 1, processes: processes, address: "127.0.0.1",
            port: processes > 1 ? LocalPort.unused() ?? Self.fallbackPort : 0)
    }
}
