import Files
import Foundation
import Pipeline

/// What can go wrong in a store. Every description says what failed, on what, and what to do.
package enum StoreError: Error, Hashable, CustomStringConvertible {
    /// There is no store in this directory.
    case missing(directory: String)

    /// The database was written by a newer program.
    case newer(directory: String, schema: String, program: String)

    /// The database was written by an older program and is open for reading only.
    case older(directory: String, schema: String, program: String)

    /// The process that began to make the store was ended before it had.
    case unfinished(directory: String)

    /// Another process holds the store's lock, or the database's, and does not go on.
    case inUse(path: String, holder: LockHolder?)

    /// A call of the operating system failed.
    case file(operation: String, path: String, code: Int32)

    /// An archive does not hold what the database says it does.
    case corrupt(artifact: Digest, object: String, problem: String)

    /// No row knows this artifact.
    case unknown(artifact: Digest)

    /// An output holds something that an archive does not keep, such as a symbolic link.
    case unsupported(path: String)

    /// Something that is no regular file or directory has a name in a store.
    case irregular(path: String)

    /// A file that is no part of a store would be written into one.
    case insideStore(path: String)

    /// Another name of a file would see what is written to it.
    case shared(path: String)

    /// A directory changed between two looks at it.
    case changing(path: String)

    /// The name of a file in an output is not UTF-8.
    case unnameable(path: String)

    /// A symbolic link that does not lead to a regular file.
    case link(path: String, problem: String)

    /// An output lacks the file that its type promises.
    case incomplete(output: String, type: String, file: String)

    /// A line of a record file cannot become a row.
    case record(file: String, line: Int, problem: String)

    /// The archive library failed.
    case archive(path: String, problem: String)

    /// The database failed.
    case database(path: String, problem: String)

    /// The database cannot be read where it is.
    case unreadable(path: String)

    /// This process was taken for dead, and what it worked on may be another's now.
    case leaseLost

    /// What has the database's name is none of this program's.
    case foreign(path: String, reason: String)

    package var description: String {
        switch self {
        case .missing(let directory):
            "there is no store at \(directory); run a pipeline first, or name a store with --store"
        case .newer(let directory, let schema, let program):
            "the store at \(directory) has schema \(schema), but this program knows only \(program);"
                + " use the newer vireo that wrote it"
        case .older(let directory, let schema, let program):
            "the store at \(directory) has schema \(schema), older than this program's \(program);"
                + " run a pipeline with it once to bring it up to date, or with a copy if it may not be written"
        case .unfinished(let directory):
            "the store at \(directory) holds nothing, for the process that made it was ended at once;"
                + " run a pipeline with it, or remove it"
        case .inUse(let path, let holder):
            "\(path) was locked all the time by \(holder?.description ?? "another process"):"
                + " let it go on or end it, and run again: finished work is kept"
        case .file(let operation, let path, let code):
            "cannot \(operation) \(path): \(String(cString: strerror(code)))\(Self.remedy(code))"
        case .corrupt(let artifact, let object, let problem):
            "artifact \(artifact.short) is damaged: \(problem); delete \(object) and run again:"
                + " the stage that made it will run"
        case .unknown(let artifact):
            "no artifact \(artifact.short) is in this store; name one that `vireo show` lists"
        case .unsupported(let path):
            "\(path) is neither a file nor a directory; outputs hold only these: copy what it stands for"
        case .irregular(let path):
            "\(path) is a symbolic link or otherwise not what a store has there; move it away, or name"
                + " another store with --store"
        case .insideStore(let path):
            "\(path) is in a store, which holds only what vireo keeps there; name another place"
        case .link(let path, let problem):
            "\(path) is a symbolic link that \(problem); only links to files are followed: copy what it"
                + " stands for, or remove it"
        case .shared(let path):
            "\(path) has another name (a hard link), whose file would change too; copy the store with"
                + " `cp -r`, and use the copy"
        case .changing(let path):
            "\(path) changed while it was read; try again once nothing writes to it"
        case .unnameable(let path):
            "the name of \(path) is not UTF-8; outputs hold only files with such names: rename it"
        case .incomplete(let output, let type, let file):
            "output \(output) has type \(type) but no \(file); the stage must write it"
        case .record(let file, let line, let problem):
            "\(file), line \(line): \(problem); the stage that wrote it must be corrected"
        case .archive(let path, let problem):
            "cannot archive \(path): \(problem); correct this and run again"
        case .database(let path, let problem):
            "the database \(path) failed: \(problem); check that the disk is sound and has space"
        case .unreadable(let path):
            "the database \(path) has changes that can be read only where its directory can be written;"
                + " copy the store to such a place, or open it as a user who may write there"
        case .leaseLost:
            "this process gave no sign of life for so long that it was taken for dead, and another may"
                + " do its work now; what it had not finished was not published: run again"
        case .foreign(let path, let reason):
            "\(path) is no database of vireo's: \(reason); move it away, or name another store with --store"
        }
    }

    /// Whether the operation may succeed later without a change to what was asked for: the database is
    /// locked, or the disk is full.
    package var isTransient: Bool {
        switch self {
        case .inUse, .file(_, _, ENOSPC), .file(_, _, EDQUOT): true
        default: false
        }
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "; make room and run again: finished work is kept"
        case EROFS: "; the file system is read-only: name a store elsewhere with --store"
        case EACCES, EPERM: "; allow writing there, or name a store elsewhere with --store"
        case EIO: "; the disk reports a fault: move the store to a sound one and run again"
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
