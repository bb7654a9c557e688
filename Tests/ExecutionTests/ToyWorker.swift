import Execution
import Files
import Foundation
import Pipeline
import Store
import TestSupport

/// A store in a directory of its own and shell scripts in place of workers, which speak their protocol.
struct ToyWorker {
    private let temporary: TemporaryDirectory
    var directory: String { temporary.path }
    let script: String

    static let kinds = [
        StageKind(
            name: "make", version: 1, summary: "Writes a file.",
            outputs: [.init("files", .files, "The file.")],
            options: [
                .init("text", .text, default: .string("a"), "What to write."),
                .init("do", .text, default: .string("write"), "What to do."),
            ]),
        StageKind(
            name: "copy", version: 1, summary: "Copies a file.",
            inputs: [.init("from", .files, isGathered: true, "The files.")],
            outputs: [.init("files", .files, "The copy.")],
            options: [.init("do", .text, default: .string("write"), "What to do.")]),
        StageKind(
            name: "make.secretly", version: 1, summary: "Writes a file, with secrets.",
            outputs: [.init("files", .files, "The file.")],
            options: [
                .init("text", .text, default: .string("a"), "What to write."),
                .init("do", .text, default: .string("write"), "What to do."),
                .init("secrets", .list(.text), default: .array([]), "Names of variables."),
            ], runsProgram: true),
    ]

    init() throws {
        temporary = try TemporaryDirectory()
        script = temporary.file("worker.sh")
        // The job is JSON on one line; sed takes out what the toy needs.
        try """
        #!/bin/sh
        field() { sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p" "$job"; }
        job="$1"
        out=$(sed -n 's/.*"outputs":{"files":"\\([^"]*\\)".*/\\1/p' "$job")
        in=$(sed -n 's/.*"from":\\[\\([^]]*\\)\\].*/\\1/p' "$job" | tr -d '"' | tr ',' ' ')
        work=$(field work)
        echo "$(field do) $(field kind)" >> "\(directory)/ran.txt"
        case "$(field do)" in
        write) { field text; for d in $in; do cat $d/file; done; } > "$out/file" ;;
        slowly) sleep 0.4; field text > "$out/file" ;;
        spoil)
            for d in $in; do chmod u+w $d/file; echo spoilt > $d/file; done
            echo spoiler > "$out/file" ;;
        constant) echo same > "$out/file" ;;
        fail) echo '{"failed":"the toy broke"}'; exit 1 ;;
        die) kill -9 $$ ;;
        hang) sleep 3000 & wait ;;
        lasting) echo '{"failed":"no such option"}'; exit 64 ;;
        eat) x=$(head -c 60000000 /dev/zero | tr '\\0' x); sleep 3000 & wait ;;
        serve)
            echo '{"engine":{"identity":{"name":"vllm","version":"0.32.0","fingerprint":"a"}}}'
            echo '{"engine":{"identity":{"name":"vllm","version":"0.32.0","fingerprint":"a, b"}}}'
            echo served > "$out/file" ;;
        twice)
            echo x >> "$work/tries"
            echo '{"checkpoint":{"step":1}}'
            if [ $(wc -l < "$work/tries") -lt 3 ]; then
                echo '{"failed":"bad luck"}'; exit 1
            fi
            cp "$work/tries" "$out/file" ;;
        resume)
            if [ -e "$work/half" ]; then
                echo '{"resumed":{"step":1}}'
                echo '{"metric":{"name":"loss","step":1,"value":0.5}}'
                echo '{"metric":{"name":"loss","step":2,"value":0.25}}'
                cat "$work/half" > "$out/file"
            else
                echo '{"metric":{"name":"loss","step":1,"value":0.5}}'
                echo half > "$work/half"
                echo '{"checkpoint":{"step":1}}'
                echo '{"metric":{"name":"loss","step":2,"value":9}}'
                kill -9 $$
            fi ;;
        esac
        """.write(toFile: script, atomically: true, encoding: .utf8)
    }

    func plan(_ yaml: String) throws -> Plan {
        let source = SourceFile(path: directory + "/toy.yaml", text: yaml)
        let parsed = Pipeline.parse(source, kinds: Self.kinds)
        guard let plan = parsed.value?.plan(digestOfFile: { try Digest(ofFile: $0) }).value else {
            throw ToyError(description: parsed.diagnostics.map(\.description).joined())
        }
        return plan
    }

    func open() throws -> Store {
        try Store.open(directory: directory + "/store", mode: .readWrite)
    }

    /// Runs a pipeline in a store of its own that is open for the time of the run.
    func run(
        _ yaml: String, cores: Int = 2, pools: [String: Int] = [:], memory: Int = .max,
        forced: Set<String> = [], keepsGoing: Bool = false,
        backoff: Backoff = Backoff(first: .milliseconds(1), most: .milliseconds(4)),
        in opened: Store? = nil, remote: RemoteCache? = nil,
        earlierSystem: (any BatchSystem)? = nil,
        report: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws -> Coordinator.Summary {
        let store = try opened ?? open()
        var options = RunOptions(
            capacity: Capacity(cpus: cores, memory: memory, pools: pools, jobs: 8), forced: forced,
            keepsGoing: keepsGoing, worker: ["/bin/sh", script],
            environment: ["PATH": "/usr/bin:/bin"], directory: directory, remote: remote,
            backoff: backoff)
        options.earlierSystem = earlierSystem
        let summary = try await Coordinator(store: store, options: options, report: report).run(
            try plan(yaml),
            as: RunDescription(
                pipeline: "toy", path: "toy.yaml", source: yaml, program: "test"))
        try store.close()
        return summary
    }

    /// What the workers did so far.
    var ran: [String] {
        let text = (try? String(contentsOfFile: directory + "/ran.txt", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// The text that the last execution of a stage wrote.
    func text(_ stage: String) throws -> String {
        let store = try open()
        defer { try? store.close() }
        guard let digest = try store.latestOutputs(ofStage: stage)["files"] else { return "none" }
        return try String(
            contentsOfFile: try store.unpacked(digest) + "/file", encoding: .utf8)
    }
}

struct ToyError: Error { let description: String }
