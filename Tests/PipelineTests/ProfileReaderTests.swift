import Files
import Foundation
import JSON
import Pipeline
import Testing

@Suite("Profiles", .timeLimit(.minutes(10)))
struct ProfileReaderTests {
    private func parse(
        _ text: String, environment: [String: String] = [:]
    ) -> Checked<Profile> {
        Profile.parse(SourceFile(path: "lab/here.yaml", text: text), environment: environment)
    }

    @Test("Every key sets its property")
    func keys() throws {
        let profile = try #require(
            parse(
                """
                system: slurm
                shared: /scratch/$USER/vireo/
                environment: { conda: /opt/torch }
                worker: /opt/vireo
                partition: main
                account: project-17
                options: --qos=normal
                modules: [cuda/12.4, gcc]
                setup: source /opt/venv/bin/activate
                jobs: 20
                array: 10
                concurrent: 5
                batch: 1m
                poll: 2s
                visibility: 3s
                confirmation: 4s
                defaults: { cpus: 2, gpus: 1, memory: 4GB, nodes: 3, time: 1h }
                gpus: --gpus={units}
                pools: { licence: "--licenses=solver:{units}" }
                rates: { cpu: 0.01, gpu: 2, node: 0, currency: EUR }
                """, environment: ["USER": "ada"]
            ).value)
        var expected = Profile(name: "here", system: .slurm)
        expected.shared = "/scratch/ada/vireo"
        expected.environment = .conda("/opt/torch")
        expected.worker = "/opt/vireo"
        expected.partition = "main"
        expected.account = "project-17"
        expected.options = ["--qos=normal"]
        expected.modules = ["cuda/12.4", "gcc"]
        expected.setup = "source /opt/venv/bin/activate"
        expected.jobs = 20
        expected.arraySize = 10
        expected.concurrentTasks = 5
        expected.batch = .seconds(60)
        expected.poll = .seconds(2)
        expected.visibility = .seconds(3)
        expected.confirmation = .seconds(4)
        expected.defaults = Resources(
            cpus: 2, gpus: 1, memory: 4_000_000_000, time: .seconds(3600), nodes: 3)
        expected.gpus = "--gpus={units}"
        expected.pools = ["licence": "--licenses=solver:{units}"]
        var rates = Profile.Rates()
        (rates.cpu, rates.gpu, rates.currency) = (0.01, 2, "EUR")
        expected.rates = rates
        #expect(profile == expected)
    }

    @Test("An empty file is told what the smallest profile is")
    func empty() {
        #expect(
            parse("").diagnostics.map(\.description) == [
                """
                lab/here.yaml:1:1: error: the file is empty
                  write at least `system: slurm` and `shared: /scratch/$USER/vireo`, or only `system: local`
                """
            ])
    }

    @Test("A profile without its necessary keys is told them")
    func missing() {
        #expect(
            parse("jobs: 1").diagnostics.map(\.description) == [
                """
                lab/here.yaml:1:1: error: a profile has no `system`
                  jobs: 1
                  ^
                  write `system: slurm` and `shared: /scratch/$USER/vireo`, or only `system: local`
                """
            ])
        #expect(
            parse("system: slurm").diagnostics.map(\.description) == [
                """
                lab/here.yaml:1:1: error: a profile of Slurm has no `shared`
                  system: slurm
                  ^
                  write `system: slurm` and `shared: /scratch/$USER/vireo`
                """
            ])
    }

    @Test(
        "A path with a variable that is not set is told the variable and the key",
        arguments: [[:], ["USER": ""]])
    func variable(environment: [String: String]) {
        let text = "system: slurm\nshared: /scratch/$USER/vireo"
        #expect(
            parse(text, environment: environment).diagnostics.map(\.description) == [
                """
                lab/here.yaml:2:18: error: `shared` names the environment variable USER, which is not set
                  shared: /scratch/$USER/vireo
                                   ^
                  set it, or write the path without it
                """
            ])
    }

    @Test("A mistake in a table of a profile is reported once, with its place")
    func tables() {
        let text = """
            system: local
            defaults: { cpus: 0, gpu: 1 }
            rates: { cpu: -1 }
            pools: { licence: solver }
            """
        #expect(
            parse(text).diagnostics.map { "\($0.position?.line ?? 0): \($0.message)" } == [
                "2: `cpus` must be a whole number from 1, not `0`",
                "2: `defaults` has no key `gpu`",
                "3: `cpu` must be a price of an hour, from 0, not `-1`",
                "4: `licence` must be an argument of sbatch such as `--gres=gpu:{units}`, not the text "
                    + "\"solver\"",
            ])
    }

    // The schema.

    private let schema = JSONValue(json: ProfileSchema.json)

    private func names(_ schema: JSONValue?) -> Set<String> {
        guard case .object(let keys)? = schema?["properties"] else { return [] }
        return Set(keys.keys)
    }

    @Test("The schema has the keys that the reader suggests, and no others")
    func schemaKeys() throws {
        let checked = parse("system: local\nzzzzzzzzzz: 1\n")
        let remedy = try #require(checked.diagnostics.first?.remedy)
        let keys = try #require(remedy.split(separator: ";").first)
        let suggested = keys.split(separator: "`").enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        #expect(names(schema) == Set(suggested))
        #expect(schema?["additionalProperties"] == .bool(false))
        #expect(names(schema).count == 20)
    }

    @Test("The schema has the keys of tables, and what a profile needs")
    func schemaTables() {
        let properties = schema?["properties"]
        #expect(names(properties?["defaults"]) == ["cpus", "gpus", "memory", "nodes", "time"])
        #expect(names(properties?["rates"]) == ["cpu", "gpu", "node", "currency"])
        #expect(names(properties?["environment"]) == ["conda", "apptainer", "options"])
        #expect(properties?["system"]?["enum"] == .array([.string("local"), .string("slurm")]))
        #expect(schema?["required"] == .array([.string("system")]))
        #expect(schema?["then"]?["required"] == .array([.string("shared")]))
        #expect(properties?["jobs"]?["type"] == .string("integer"))
    }
}
