import Files
import Foundation
import Pipeline

/// An error of a store. The description names the failure, the thing involved and the remedy.
package enum StoreError: Error, Hashable, CustomStringConvertible {
    /// There is no store in this directory.
    case missing(directory: String)

    /// The database was written by a newer program.
    case newer(directory: String, schema: String, program: String)

    /// The database was written by an older program and is open for reading only.
    case older(directory: String, schema: String, program: String)

    /// The process that created the store was killed before it had finished.
    case unfinished(directory: String)

    /// Another process holds the lock of the store or of the database for too long.
    case inUse(path: String, holder: LockHolder?)

    /// A system call failed.
    case file(operation: String, path: String, code: Int32)

    /// The contents of an archive do not match the database.
    case corrupt(artifact: Digest, object: String, problem: String)

    /// The store has no such artifact.
    case unknown(artifact: Digest)

    /// An output contains something that archives do not support, such as a symbolic link.
    case unsupported(path: String)

    /// Something in a store is not a regular file or directory.
    case irregular(path: String)

    /// A foreign file would be written into a store.
    case insideStore(path: String)

    /// A file has another hard link, through which changes would be visible.
    case shared(path: String)

    /// A directory changed while it was read.
    case changing(path: String)

    /// The name of a file in an output is not UTF-8.
    case unnameable(path: String)

    /// A symbolic link that does not lead to a regular file.
    case link(path: String, problem: String)

    /// An output lacks the file that its type requires.
    case incomplete(output: String, type: String, file: String)

    /// A line of a record file cannot be inserted as a row.
    case record(file: String, line: Int, problem: String)

    /// The archive library failed.
    case archive(path: String, problem: String)

    /// The database failed.
    case database(path: String, problem: String)

    /// The database cannot be read at its location.
    case unreadable(path: String)

    /// This process was taken for dead, and its work may have been taken over.
    case leaseLost

    /// The database file was not written by this program.
    case foreign(path: String, reason: String)

    package var description: String {
        switch self {
        case .missing(let directory):
            "there is no store at \(directory); run a pipeline first, or name a store with --store"
        case .newer(let directory, let schema, let program):
            "the store at \(directory) has schema \(schema), but this program knows only \(program);"
                + " use the newer version of vireo that wrote it"
        case .older(let directory, let schema, let program):
            "the store at \(directory) has schema \(schema), older than this program's \(program);"
                + " run a pipeline with it once to upgrade it, or with a copy if it is not writable"
        case .unfinished(let directory):
            "the store at \(directory) is empty, because the process that created it was killed; "
                + "run a pipeline with it, or remove it"
        case .inUse(let path, let holder):
            "\(path) remained locked by \(holder?.description ?? "another process"): let it "
                + "finish or kill it, and run again: finished work is kept"
        case .file(let operation, let path, let code):
            "cannot \(operation) \(path): \(String(cString: strerror(code)))\(Self.remedy(code))"
        case .corrupt(let artifact, let object, let problem):
            "artifact \(artifact.short) is damaged: \(problem); delete \(object) and run again: "
                + "the stage that made it will run again"
        case .unknown(let artifact):
            "no artifact \(artifact.short) is in this store; name one that `vireo show` lists"
        case .unsupported(let path):
            "\(path) is neither a file nor a directory; outputs may contain only these: copy its "
                + "target instead"
        case .irregular(let path):
            "\(path) is a symbolic link or otherwise not part of a store; move it away, or name "
                + "another store with --store"
        case .insideStore(let path):
            "\(path) is in a store, which must contain only files of vireo; choose another path"
        case .link(let path, let problem):
            "\(path) is a symbolic link that \(problem); only links to files are followed: copy "
                + "its target instead, or remove it"
        case .shared(let path):
            "\(path) has another hard link, through which it would be changed too; copy the "
                + "store with `cp -r`, and use the copy"
        case .changing(let path):
            "\(path) changed while it was read; try again once nothing writes to it"
        case .unnameable(let path):
            "the name of \(path) is not UTF-8; file names in outputs must be UTF-8: rename it"
        case .incomplete(let output, let type, let file):
            "output \(output) has type \(type) but does not contain \(file); the stage must write it"
        case .record(let file, let line, let problem):
            "\(file), line \(line): \(problem); correct the stage that wrote it"
        case .archive(let path, let problem):
            "cannot archive \(path): \(problem); fix this and run again"
        case .database(let path, let problem):
            "the database \(path) failed: \(problem); check that the disk is intact and has free "
                + "space"
        case .unreadable(let path):
            "the database \(path) has changes that can be read only if its directory is "
                + "writable; copy the store to a writable directory, or open it as a user with "
                + "write permission"
        case .leaseLost:
            "this process sent no heartbeat for so long that it was taken for dead, and another "
                + "may have taken over its work; unfinished work was not published: run again"
        case .foreign(let path, let reason):
            "\(path) is not a database of vireo: \(reason); move it away, or name another store "
                + "with --store"
        }
    }

    /// Whether the same operation may succeed later: the database is locked, or the disk is full.
    package var isTransient: Bool {
        switch self {
        case .inUse, .file(_, _, ENOSPC), .file(_, _, EDQUOT): true
        default: false
        }
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "; free some space and run again: finished work is kept"
        case EROFS: "; the file system is read-only: choose a store elsewhere with --store"
        case EACCES, EPERM: "; grant write permission, or choose a store elsewhere with --store"
        case EIO: "; the disk reports an error: move the store to an intact disk and run again"
        case EMFILE, ENFILE: "; too many files are open: raise `ulimit -n` and run again"
        default: ""
        }
    }
}

extension StoreError: LineFailure {
    package init(unreadable path: String, code: Int32) {
        self = .file(operation: "read", path: path, code: code)
    }

    package init(_ problem: LineProblem, line: Int, of path: String) {
        let text =
            switch problem {
            case .notUTF8: "not UTF-8"
            case .tooLong(let limit): "longer than \(limit >> 20) MiB"
            }
        self = .record(file: path, line: line, problem: text)
    }
}
