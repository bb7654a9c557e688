import JSON
import Stages
import Testing

@Suite("The start of vLLM by a stage", .timeLimit(.minutes(10)))
struct ServerLaunchTests {
    @Test("Settings become arguments of vllm serve")
    func arguments() {
        let launch = ServerLaunch(
            directory: "/inputs/model",
            settings: [
                "max_model_len": .integer(4096), "enforce-eager": .bool(true),
                "enable_prefix_caching": .bool(false), "dtype": .string("float32"),
                "gpu_memory_utilization": .number(0.5),
                "rope_scaling": .object(["factor": .number(2)]),
            ], isSingle: true)
        #expect(
            launch.arguments(port: 8123) == [
                "serve", "/inputs/model", "--served-model-name=model", "--host=127.0.0.1",
                "--port=8123", "--generation-config=vllm", "--disable-uvicorn-access-log",
                "--dtype=float32", "--no-enable-prefix-caching", "--enforce-eager",
                "--gpu-memory-utilization=0.5", "--max-model-len=4096",
                #"--rope-scaling={"factor":2}"#,
            ])
    }

    @Test("Weights of type float32 are not rounded, unless a setting says so")
    func type() {
        func type(_ settings: [String: JSONValue], isSingle: Bool) -> [String] {
            ServerLaunch(directory: "m", settings: settings, isSingle: isSingle)
                .arguments(port: 1).filter { $0.hasPrefix("--dtype") }
        }
        #expect(type([:], isSingle: true) == ["--dtype=float32"])
        #expect(type([:], isSingle: false).isEmpty)
        #expect(type(["dtype": .string("bfloat16")], isSingle: true) == ["--dtype=bfloat16"])
    }

    @Test("The line that explains the end is the last one that names an error, not the last one")
    func remark() {
        var remark = ServerRemark()
        remark.note("(APIServer pid=7) INFO starting")
        #expect(remark.line == "(APIServer pid=7) INFO starting")
        for line in [
            "(EngineCore pid=8) ERROR core.py:9 RuntimeError: CPU Generator does not use offset",
            "(APIServer pid=7) RuntimeError: Engine core initialization failed. See root cause above.",
            "(APIServer pid=7)   For further information visit https://errors.pydantic.dev",
        ] { remark.note(line) }
        #expect(remark.line == "RuntimeError: CPU Generator does not use offset")
        remark.note("  Value error, max_model_len (256) is greater than 128")
        #expect(remark.line == "error, max_model_len (256) is greater than 128")
    }
}
