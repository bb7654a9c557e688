import Foundation
import Pipeline

/// The state of the git repository that a pipeline lies in.
package struct WorkingTree {
    /// The directory with `.git`.
    package let root: String
    let environment: [String: String]

    /// Files above this size count by their size alone, in bytes.
    private static let limit = 64 << 20

    /// The repository of `directory`; `nil` if it is in none.
    package init?(of directory: String, environment: [String: String]) {
        var directory = directory
        while !FileManager.default.fileExists(atPath: directory + "/.git") {
            guard directory != "/", !directory.isEmpty else { return nil }
            directory = (directory as NSString).deletingLastPathComponent
        }
        root = directory
        self.environment = environment
    }

    /// Digest of what is not as it was committed: the changes of tracked files, and the files that are neither
    /// tracked nor ignored, but for stores. `nil` if nothing is changed, or there is no git to ask.
    package func changes() -> Digest? {
        let stores = [".", ":(exclude,glob)**/.vireo/**", ":(exclude,glob).vireo/**"]
        guard
            let diff = git(["diff", "--no-ext-diff", "--no-textconv", "--binary", "HEAD", "--"]),
            let names = git(["ls-files", "--others", "--exclude-standard", "-z", "--"] + stores)
        else { return nil }
        let files = names.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard !diff.isEmpty || !files.isEmpty else { return nil }
        let lines = files.sorted().map { "\($0)\0\(content(of: $0))\n" }
        return Digest(of: "\(Digest(of: diff).hex)\n" + lines.joined())
    }

    private func content(of file: String) -> String {
        let path = root + "/" + file
        var status = stat()
        guard lstat(path, &status) == 0 else { return "gone" }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.limit else {
            return "\(status.st_size)"
        }
        do {
            return try Digest(ofFile: path).hex
        } catch {
            return "unreadable"
        }
    }

    /// What git answers; `nil` if it is not there or fails.
    private func git(_ arguments: [String]) -> Data? {
        let path = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/git" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let path else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-C", root] + arguments
        // Looking must not write, and no one's settings may decide what is seen.
        process.environment = environment.filter { !$0.key.hasPrefix("GIT_") }
            .merging(["GIT_OPTIONAL_LOCKS": "0"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return process.terminationStatus == 0 ? data : nil
        } catch {
            return nil
        }
    }
}
