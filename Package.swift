// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

let package = Package(
    name: "vireo",
    products: [
        .executable(name: "vireo", targets: ["vireo"]),
        .library(name: "LanguageModel", targets: ["LanguageModel"]),
        .library(name: "VariationalInference", targets: ["VariationalInference"]),
    ],
    dependencies: [
        // The command line: subcommands, help, usage errors and shell completions.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // SQLite: transactions, migrations and prepared statements over the system's libsqlite3.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Heaps, for the queues of ready stages and of token pairs.
        .package(url: "https://github.com/apple/swift-collections", from: "1.2.0"),
        // YAML with the line and column of every node, which every diagnostic needs.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Prompt templates in Jinja syntax, which chat templates use too.
        .package(url: "https://github.com/stencilproject/Stencil", from: "0.15.1"),
    ],
    targets: [
        // Leaves: the C libraries and kernels. pkg-config determines how the libraries are linked; for the shipped
        // program, the Makefile makes it name the static libraries.
        .systemLibrary(
            name: "CArchive", pkgConfig: "libarchive",
            providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]),
        // zlib: the checksums of gzip files, which libarchive does not compare.
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSystem"),
        .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),
        // Line reading, durable writing, digests and paths, for all targets above.
        .target(name: "Files", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "Processes", dependencies: ["CSystem", "Files"], swiftSettings: strict),
        // The JSON reader, writer and value of all targets. Foundation's JSON does not report the position of a
        // mistake, is slow on millions of lines, and does not keep the order of fields.
        .target(name: "JSON", swiftSettings: strict),
        // The protocols of inference servers, and requests to them by the program of Programs/HTTP.
        .target(
            name: "Inference", dependencies: ["Files", "JSON", "Processes"], swiftSettings: strict),
        // The part of Programs/Web that needs no HTTP library, for its tests.
        .target(name: "Requests", path: "Programs/Web/Sources/Requests", swiftSettings: strict),
        // Untrusted SQL expressions over rows in memory, without access to the store.
        .target(
            name: "RowQuery", dependencies: [.product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        .target(
            name: "Migrations", path: "migrations",
            resources: [
                .embedInCode("m0001_initial.sql"),
                .embedInCode("m0002_sampled_log_prob.sql"),
                .embedInCode("m0003_runner.sql"),
                .embedInCode("m0004_metric_series.sql"),
                .embedInCode("m0005_seal.sql"),
                .embedInCode("m0006_method.sql"),
                .embedInCode("m0007_numbers.sql"),
                .embedInCode("m0008_exact_contents.sql"),
                .embedInCode("m0009_imported.sql"),
                .embedInCode("m0010_judged.sql"),
                .embedInCode("m0011_hints.sql"),
                .embedInCode("m0012_submission.sql"),
                .embedInCode("m0013_place.sql"),
                .embedInCode("m0014_engine.sql"),
                .embedInCode("m0015_overlap.sql"),
                .embedInCode("m0017_findings.sql"),
                .embedInCode("m0018_selection.sql"),
                .embedInCode("m0019_scored_answer.sql"),
                .embedInCode("m0020_cost.sql"),
                .embedInCode("m0021_learnt.sql"),
                .embedInCode("m0022_tokens.sql"),
            ], swiftSettings: strict),

        // The middle layer: these targets do not import each other, except that Store uses the values of Pipeline.
        .target(name: "VariationalInference", swiftSettings: strict),
        .target(
            name: "LanguageModel",
            dependencies: [
                "CKernels", "Files", "JSON",
                .product(name: "HeapModule", package: "swift-collections"),
            ], swiftSettings: strict),
        .target(
            name: "Reasoning",
            dependencies: [
                "CArchive", "CZlib", "Files", "JSON",
                .product(name: "Stencil", package: "Stencil"),
                .product(name: "Yams", package: "Yams"),
            ], swiftSettings: strict),
        .target(
            name: "Pipeline",
            dependencies: ["Files", "JSON", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: [
                "CArchive", "CSystem", "Files", "JSON", "Migrations", "Pipeline", "Processes",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),

        // The upper layer.
        .target(
            name: "Execution",
            dependencies: [
                "Files", "JSON", "Pipeline", "Processes", "Store",
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: strict),
        // The statistics of a study, on records alone; stages read and write the artifacts.
        .target(
            name: "Study", dependencies: ["Pipeline", "Reasoning", "VariationalInference"],
            swiftSettings: strict),
        .target(
            name: "Stages",
            dependencies: [
                "Files", "Inference", "JSON", "LanguageModel", "Pipeline", "Processes", "Reasoning",
                "RowQuery", "Study", "VariationalInference",
            ],
            resources: [
                .embedInCode("Trainers/grpo_trainer.py"),
                .embedInCode("Trainers/sft_trainer.py"),
                .embedInCode("Trainers/tokenized_data.py"),
                .embedInCode("Trainers/weighted_trainer.py"),
                .embedInCode("Verify/math_verify_adapter.py"),
                .embedInCode("Verify/program_bootstrap.py"),
            ], swiftSettings: strict),
        .target(
            name: "Report", dependencies: ["Files", "JSON", "Pipeline", "Reasoning", "Store"],
            swiftSettings: strict),
        // The pages of `vireo serve`, which the program of Programs/Web shows.
        .target(
            name: "Dashboard",
            dependencies: ["Files", "JSON", "Pipeline", "Processes", "Report", "Store"],
            swiftSettings: strict),

        // The command line.
        .executableTarget(
            name: "vireo",
            dependencies: [
                "CSystem", "Dashboard", "Execution", "Files", "Inference", "JSON", "LanguageModel",
                "Pipeline",
                "Processes", "Reasoning", "Report", "Stages", "Store", "VariationalInference",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        // The readers of untrusted files, run on mutated examples; Tests/Scripts/fuzz.sh runs them for a longer time.
        .target(
            name: "FuzzSubjects",
            dependencies: [
                "Execution", "Files", "LanguageModel", "Pipeline", "Reasoning", "Processes",
                "Stages",
                "Store",
            ],
            path: "Tests/Fuzz/Subjects", swiftSettings: strict),
        .executableTarget(
            name: "Fuzz", dependencies: ["FuzzSubjects"], path: "Tests/Fuzz/Loop",
            swiftSettings: strict),

        // Code that several test targets share.
        .target(
            name: "TestSupport",
            dependencies: [
                "Files", "Pipeline", "Store", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "VariationalInferenceTests", dependencies: ["VariationalInference"],
            swiftSettings: strict),
        .testTarget(
            name: "LanguageModelTests", dependencies: ["LanguageModel", "CKernels", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
        .testTarget(
            name: "InferenceTests", dependencies: ["Inference", "JSON", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "RequestsTests", dependencies: ["Requests"], path: "Programs/Web/Tests",
            swiftSettings: strict),
        .testTarget(name: "RowQueryTests", dependencies: ["RowQuery"], swiftSettings: strict),
        .testTarget(
            name: "ReasoningTests", dependencies: ["CArchive", "JSON", "Reasoning", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "PipelineTests", dependencies: ["Files", "JSON", "Pipeline"],
            swiftSettings: strict),
        .testTarget(
            name: "StoreTests",
            dependencies: [
                "Files", "JSON", "Migrations", "Pipeline", "Store", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ExecutionTests",
            dependencies: [
                "Execution", "Files", "JSON", "Pipeline", "Processes", "Store", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ProcessesTests", dependencies: ["Processes", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "StudyTests", dependencies: ["Reasoning", "Study", "VariationalInference"],
            swiftSettings: strict),
        .testTarget(
            name: "StagesTests",
            dependencies: [
                "Files", "JSON", "LanguageModel", "Pipeline", "Processes", "Reasoning", "Stages",
                "Study", "TestSupport", "VariationalInference",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReportTests",
            dependencies: [
                "Files", "JSON", "Pipeline", "Reasoning", "Report", "Store", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DashboardTests",
            dependencies: ["Dashboard", "Processes", "Report", "Store", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "HostileTests",
            dependencies: [
                "CArchive", "Fuzz", "FuzzSubjects", "Store", "vireo",
                "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "vireoTests",
            dependencies: [
                "vireo", "Execution", "Files", "JSON", "LanguageModel", "Migrations", "Pipeline",
                "Processes", "Stages", "Store", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// Links only with libFuzzer, which provides the main function.
if Context.environment["FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "FuzzCoverage", dependencies: ["FuzzSubjects"], path: "Tests/Fuzz/Coverage",
            swiftSettings: strict))
}
