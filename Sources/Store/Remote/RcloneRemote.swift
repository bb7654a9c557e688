import Files
import Foundation
import JSON
import Processes

/// A shared cache on any remote of rclone, such as S3, GCS or SFTP. rclone is run once for each call.
///
/// The exit status of rclone is not evidence: it is 0 for a missing object on S3. A file exists if the listing says
/// so, and is complete if its digest is right, which the caller checks. A status other than 0 only means that the
/// remote may be down, and gives the reason.
package struct RcloneRemote: RemoteStorage {
    /// The remote and the directory in it, such as `s3:bucket/vireo/`. Without the slash, rclone first asks whether it
    /// is a file, and says something misleading if the remote does not answer.
    private let url: String
    /// The path of rclone; `nil` if there is none.
    private let program: String?
    private let environment: [String: String]
    private let patience: Duration
    private let registry: ChildRegistry

    /// The slowest acceptable transfer, in bytes per second, and the lowest acceptable rate of files per second.
    private static let slowest = 1 << 20
    private static let fewest = 10

    /// `patience` is the time limit of a call that transfers nothing.
    package init(
        _ url: String, program: String?, environment: [String: String],
        patience: Duration = .seconds(60), registry: ChildRegistry = ChildRegistry()
    ) {
        self.url = url.hasSuffix(":") || url.hasSuffix("/") ? url : url + "/"
        self.program = program
        self.environment = Self.minimal(environment)
        self.patience = patience
        self.registry = registry
    }

    /// The program that VIREO_RCLONE names, or else the first one in the absolute directories of PATH.
    package static func program(_ environment: [String: String]) -> String? {
        if let named = environment["VIREO_RCLONE"], !named.isEmpty {
            return FilePath.absolute(named)
        }
        return ProgramRun.path(of: "rclone", in: environment["PATH"] ?? "")
    }

    /// The variables that rclone needs. Others change how it works: AWS_CA_BUNDLE breaks rclone 1.60.
    package static func minimal(_ environment: [String: String]) -> [String: String] {
        environment.filter { name, _ in
            ["PATH", "HOME", "XDG_CONFIG_HOME"].contains(name) || name.hasPrefix("RCLONE_")
        }
    }

    package func names(in folder: String) throws(RemoteError) -> Set<String> {
        let answer = try run(["lsf", "--files-only", url + folder + "/"])
        guard answer.isSuccess || answer.isWithoutDirectory else { throw Self.failure(answer) }
        return Set(answer.output)
    }

    package func sizes(of names: [String]) throws(RemoteError) -> [String: Int] {
        guard !names.isEmpty else { return [:] }
        // Without `--no-traverse`, rclone would list the whole cache.
        let answer = try with(names) { list throws(RemoteError) in
            try run(
                [
                    "lsjson", "-R", "--no-traverse", "--files-only", "--no-modtime",
                    "--no-mimetype",
                    "--files-from-raw", list, url,
                ], of: names.count)
        }
        // The listing of a directory that does not exist is cut off.
        if answer.isWithoutDirectory { return [:] }
        guard answer.isSuccess else { throw Self.failure(answer) }
        guard case .array(let entries)? = JSONValue(json: answer.outputText)
        else { throw .rclone(problem: "a listing that is not JSON") }
        var sizes: [String: Int] = [:]
        for entry in entries {
            guard case .string(let path)? = entry["Path"], case .integer(let size)? = entry["Size"],
                entry["IsDir"] != .bool(true), size >= 0
            else { continue }
            sizes[path] = size
        }
        return sizes
    }

    package func fetch(_ names: [String], bytes: Int, to target: String) throws(RemoteError) {
        guard !names.isEmpty else { return }
        let answer = try with(names) { list throws(RemoteError) in
            try run(
                ["copy", "--no-traverse", "--files-from-raw", list, url, target], of: names.count,
                bytes: bytes)
        }
        guard answer.isSuccess || answer.isWithoutDirectory else { throw Self.failure(answer) }
    }

    package func put(_ names: [String], bytes: Int, from source: String) throws(RemoteError) {
        guard !names.isEmpty else { return }
        // `--immutable` would replace files with different contents.
        let answer = try with(names) { list throws(RemoteError) in
            try run(
                [
                    "copy", "--no-traverse", "--copy-links", "--ignore-existing",
                    "--files-from-raw", list, source, url,
                ], of: names.count, bytes: bytes)
        }
        guard answer.isSuccess else { throw Self.failure(answer) }
    }

    /// Passes the path of a temporary file with one name per line to `body`.
    private func with<Result>(
        _ names: [String], _ body: (String) throws(RemoteError) -> Result
    ) throws(RemoteError) -> Result {
        let path = FileManager.default.temporaryDirectory.path + "/vireo-" + UUID().uuidString
        do {
            try Data(names.map { $0 + "\n" }.joined().utf8).write(
                to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw .file(operation: "write", path: path, code: errno == 0 ? EIO : errno)
        }
        defer { unlink(path) }
        return try body(path)
    }

    /// The last line of standard error without its time and level.
    private static func failure(_ answer: ProgramRun) -> RemoteError {
        let last = answer.errors.last { !$0.isEmpty } ?? reason(answer.outcome)
        let text = last.replacing(
            /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (?:[A-Z]+ *: )?/, with: "")
        // The cause is at the end.
        return .rclone(
            problem: text.count > 300 ? "\(text.prefix(80)) … \(text.suffix(200))" : text)
    }

    private static func reason(_ outcome: ProgramRun.Outcome) -> String {
        if case .ended(.exited(let code)) = outcome { return "exit status \(code)" }
        return "killed"
    }

    private static let settings = [
        "--retries", "1", "--low-level-retries", "2", "--contimeout", "10s", "--timeout", "30s",
        "--ask-password=false", "--stats", "0",
    ]

    /// Runs rclone for `count` files of `bytes` bytes. Throws if it cannot be started, or is not finished in time.
    private func run(
        _ arguments: [String], of count: Int = 0, bytes: Int = 0
    ) throws(RemoteError) -> ProgramRun {
        guard let program else { throw .noProgram }
        let limit = patience + .seconds(bytes / Self.slowest + count / Self.fewest)
        let answer: ProgramRun
        do throws(SpawnError) {
            answer = try ProgramRun(
                program, Self.settings + arguments, environment: environment, limit: limit,
                endsWithTask: true, in: registry)
        } catch {
            throw .start(reason: error.reason)
        }
        switch answer.outcome {
        case .ended: return answer
        case .late: throw .silent(seconds: Int(limit / .seconds(1)))
        case .cancelled: throw .stopped
        }
    }
}

extension ProgramRun {
    /// Whether rclone found no such directory, as in a new cache.
    fileprivate var isWithoutDirectory: Bool { outcome == .ended(.exited(3)) }
}
