import Foundation

extension CommandLine {
    /// The path of the running program.
    package static var program: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
    }
}
