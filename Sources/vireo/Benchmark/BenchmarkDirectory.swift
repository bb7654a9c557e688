import Foundation

/// A temporary directory that is removed at the end of a benchmark.
struct BenchmarkDirectory: ~Copyable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("vireo-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            StandardStream.complain("vireo: cannot remove \(path)\n")
        }
    }
}
