import Foundation
import Testing

/// A target of Package.swift as it is written there.
private struct Target {
    let name: String
    let isTest: Bool
    /// Where its sources are, from the package's directory.
    let path: String
    /// Other targets, and products of other packages.
    let dependencies: Set<String>

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path

    static let all: [Target] = {
        let manifest = try! String(contentsOfFile: root + "/Package.swift", encoding: .utf8)
        let starts = manifest.matches(
            of: /\.(target|executableTarget|testTarget|systemLibrary)\(\s*name: "(\w+)"/)
        return starts.enumerated().map { index, start in
            let end =
                index + 1 < starts.count ? starts[index + 1].range.lowerBound : manifest.endIndex
            return Target(
                name: String(start.output.2), isTest: start.output.1 == "testTarget",
                text: manifest[start.range.upperBound..<end])
        }
    }()

    private init(name: String, isTest: Bool, text: Substring) {
        self.name = name
        self.isTest = isTest
        path =
            text.firstMatch(of: /path: "([^"]+)"/).map { String($0.output.1) }
            ?? (isTest ? "Tests/" : "Sources/") + name
        let list = text.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.output.1 ?? ""
        // Of `.product(name: "GRDB", package: "GRDB.swift")` the first text is what is imported.
        let names = list.replacing(/, package: "[^"]*"/, with: "").matches(of: /"([^"]+)"/)
        dependencies = Set(names.map { String($0.output.1) })
    }

    /// The modules that its files import, each with a file that does.
    func imports() throws -> [String: String] {
        let directory = Self.root + "/" + path
        let names = try FileManager.default.subpathsOfDirectory(atPath: directory)
        var imports: [String: String] = [:]
        for name in names where name.hasSuffix(".swift") {
            let text = try String(contentsOfFile: directory + "/" + name, encoding: .utf8)
            let lines = text.matches(
                of:
                    /(?m)^(?:@\w+ |package |public |internal |private )*import (?:struct |enum |class |func )?(\w+)/
            )
            for line in lines { imports[String(line.output.1)] = name }
        }
        return imports
    }
}

/// The layers of the diagram in Architecture.md: what is not allowed here is forbidden.
@Suite("The architecture", .timeLimit(.minutes(10)))
struct ArchitectureTests {
    /// What each target may depend on, at most.
    private static let allowed: [String: Set<String>] = [
        // Leaves.
        "CArchive": [], "COpenSSL": [], "CKernels": [], "CSystem": [], "CZlib": [],
        "Files": ["COpenSSL"], "Processes": ["CSystem", "Files"],
        "JSON": [], "Inference": ["Files", "JSON", "Processes"], "RowQuery": ["GRDB"],
        "Migrations": [], "Requests": [],
        // The ground floor.
        "VariationalInference": [],
        "LanguageModel": ["CKernels", "Files", "JSON", "HeapModule"],
        "Reasoning": ["CArchive", "CZlib", "Files", "JSON", "Stencil", "Yams"],
        "Pipeline": ["Files", "JSON", "Yams"],
        "Store": [
            "CArchive", "CSystem", "Files", "JSON", "Migrations", "Pipeline", "Processes", "GRDB",
        ],
        // The middle floor.
        "Execution": ["Files", "JSON", "Pipeline", "Processes", "Store", "HeapModule"],
        "Study": ["Pipeline", "Reasoning", "VariationalInference"],
        "Stages": [
            "Files", "Inference", "JSON", "LanguageModel", "Pipeline", "Processes", "Reasoning",
            "RowQuery", "Study", "VariationalInference",
        ],
        "Report": ["Files", "JSON", "Pipeline", "Reasoning", "Store"],
        "Dashboard": ["Files", "JSON", "Pipeline", "Processes", "Report", "Store"],
        // The command line.
        "vireo": [
            "CSystem", "Dashboard", "Execution", "Files", "Inference", "JSON", "LanguageModel",
            "Pipeline",
            "Processes",
            "Reasoning", "Report", "Stages", "Store", "VariationalInference", "ArgumentParser",
        ],
        // Beside the tests.
        "FuzzSubjects": [
            "Execution", "Files", "LanguageModel", "Pipeline", "Reasoning", "Processes", "Stages",
            "Store",
        ],
        "Fuzz": ["FuzzSubjects"], "FuzzCoverage": ["FuzzSubjects"],
        "TestSupport": ["Files", "Pipeline", "Store", "GRDB"],
    ]

    private static let sources = Target.all.filter { !$0.isTest }

    @Test("The manifest declares the targets of the architecture and no others")
    func targets() {
        #expect(Set(Self.sources.map(\.name)) == Set(Self.allowed.keys))
    }

    @Test("A target depends only on what stands below it")
    func dependencies() throws {
        for target in Self.sources {
            let allowed = try #require(Self.allowed[target.name])
            let surplus = target.dependencies.subtracting(allowed)
            #expect(
                surplus.isEmpty, "\(target.name) must not depend on \(surplus.sorted())")
        }
    }

    @Test("A target declares what it imports")
    func imports() throws {
        let known = Set(Self.allowed.keys).union(Self.allowed.values.joined())
        for target in Self.sources {
            let imports = try target.imports()
            for (module, file) in imports where known.contains(module) {
                #expect(
                    target.dependencies.contains(module),
                    "\(target.path)/\(file) imports \(module), which \(target.name) does not declare"
                )
            }
        }
    }

    @Test("Only the module JSON reads and writes JSON")
    func json() throws {
        let sources = Target.root + "/Sources"
        for name in try FileManager.default.subpathsOfDirectory(atPath: sources)
        where name.hasSuffix(".swift") {
            let text = try String(contentsOfFile: sources + "/" + name, encoding: .utf8)
            #expect(
                !text.contains(/\bJSON(Encoder|Decoder|Serialization)\b/), "Sources/\(name)")
        }
    }

    @Test("Every suite of tests has a time limit, so that none hangs")
    func timeLimits() throws {
        let tests = Target.root + "/Tests"
        for name in try FileManager.default.subpathsOfDirectory(atPath: tests)
        where name.hasSuffix(".swift") {
            let text = try String(contentsOfFile: tests + "/" + name, encoding: .utf8)
            guard text.contains(/(?m)^ +@Test/), !text.contains(/(?m)^extension \w+Tests/) else {
                continue
            }
            #expect(text.contains(".timeLimit("), "Tests/\(name)")
        }
    }

    @Test("A target uses what it declares")
    func surplus() throws {
        for target in Self.sources {
            let unused = target.dependencies.subtracting(try target.imports().keys)
            #expect(unused.isEmpty, "\(target.name) declares \(unused.sorted()) for nothing")
        }
    }
}
