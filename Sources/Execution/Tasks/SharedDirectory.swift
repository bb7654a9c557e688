import Files
import Foundation
import Glibc
import Pipeline
import Store

/// The directory that the coordinator and all nodes have under the same path. Network file systems show other machines
/// an old state for up to minutes, so no file in it is ever replaced: names carry the attempt, and what is published
/// once stays.
///
/// It may belong to a group; the directories in it can be used by their user only.
///
///     programs-UID/DIGEST/        copies of this program and of those that it uses, for each user
///     STORE/artifacts/DIGEST/     unpacked inputs
///     STORE/arrays/NAME           the tasks of a submission, its script and the output of its jobs
///     STORE/tasks/KEY/            what is known of a stage: `aN.json` for each attempt, and its starts
///     STORE/results/KEY.aN.json   the result of an attempt, published by its first start that ends
package struct SharedDirectory: Hashable, Sendable {
    package let path: String

    /// The directory of a store.
    package let own: String

    /// The name of the store in names of jobs: eight hexadecimal digits.
    package let store: String

    package init(_ path: String, store: String, host: String) {
        self.path = path
        self.store = String(Digest(of: "\(host)\0\(store)").hex.prefix(8))
        own = "\(path)/\(self.store)"
    }

    /// The copies of the program for the user of this process.
    package var programs: String { "\(path)/programs-\(geteuid())" }
    package var artifacts: String { own + "/artifacts" }
    package var arrays: String { own + "/arrays" }
    package var results: String { own + "/results" }

    package func tasks(_ key: Digest) -> String { "\(own)/tasks/\(key.hex)" }

    /// The files for garbage collection, which keeps the copy of `program`.
    package func files(keeping program: Digest) -> SharedFiles {
        SharedFiles(
            tasks: own + "/tasks", results: results, arrays: arrays, artifacts: artifacts,
            programs: programs, program: program)
    }

    /// Creates the directories. Throws if one cannot be created, or belongs to another user.
    package func prepare() throws {
        try DirectoryTree.make(path, mode: 0o700)
        for directory in [programs, own, artifacts, arrays, results, own + "/tasks"] {
            try SharedFile.makeDirectory(directory)
        }
    }

    /// The path of a copy of `program` that never changes, beside copies of those of `others` that exist.
    package func install(_ program: String, with others: [String] = []) throws -> String {
        let directory = "\(programs)/\(try Digest(ofFile: program).hex)"
        for other in others where access(other, X_OK) == 0 {
            try Self.install(other, as: "\(directory)/\(FilePath.name(other))")
        }
        let copy = directory + "/vireo"
        try Self.install(program, as: copy)
        return copy
    }

    private static func install(_ program: String, as copy: String) throws {
        if access(copy, X_OK) == 0, FileStamp(of: copy)?.bytes == FileStamp(of: program)?.bytes {
            // Copies that are not used for a while are removed.
            utimes(copy, nil)
            return
        }
        try DirectoryTree.make(FilePath.parent(copy), mode: 0o700)
        // A damaged copy.
        unlink(copy)
        let temporary = "\(copy).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        defer { unlink(temporary) }
        do {
            try FileManager.default.copyItem(atPath: program, toPath: temporary)
        } catch {
            throw WorkerError.file(path: copy, reason: error.localizedDescription)
        }
        guard chmod(temporary, 0o555) == 0, link(temporary, copy) == 0 || errno == EEXIST else {
            throw WorkerError.file(path: copy, reason: String(cString: strerror(errno)))
        }
    }

    /// Removes what late copies of tasks wrote after their stages were finished.
    package func sweep(_ store: Store) throws {
        let tasks = try DirectoryTree.names(in: own + "/tasks")
        let results = try DirectoryTree.names(in: results)
        func key(_ name: String) -> Digest? { Digest(hex: String(name.prefix(64))) }
        let keys = Set((tasks + results).compactMap(key))
        guard !keys.isEmpty else { return }
        let finished = try store.finishedExecutions(keys.sorted())
        for (directory, names) in [(own + "/tasks", tasks), (self.results, results)] {
            for name in names {
                // A stage that runs again has a result too.
                guard let key = key(name), finished[key] != nil, try !store.isRunning(key) else {
                    continue
                }
                try DirectoryTree.remove("\(directory)/\(name)")
            }
        }
    }
}
