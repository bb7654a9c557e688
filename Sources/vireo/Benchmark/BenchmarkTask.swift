import ArgumentParser

/// What `vireo bench` measures.
enum BenchmarkTask: String, ExpressibleByArgument, CaseIterable {
    case train
    case generate
    case score
    case load
}
