import Foundation
import JSON

/// Writes records line by line into a temporary file next to `path`; `finish` renames it to `path`. Without
/// `finish`, the temporary file is removed and nothing is written to `path`.
package struct JSONLinesWriter: ~Copyable {
    private let path: String
    private let temporary: String
    private let file: FileHandle
    private var buffer: [UInt8] = []
    private var isFinished = false

    package init(_ path: String) throws(ReasoningError) {
        self.path = path
        temporary = path + ".part"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let file = FileHandle(forWritingAtPath: temporary)
        else { throw .unwritable(path: path, cause: String(cString: strerror(errno))) }
        self.file = file
    }

    deinit {
        guard !isFinished else { return }
        unlink(temporary)
    }

    package mutating func append(_ record: some Encodable) throws(ReasoningError) {
        JSONRecordEncoder.encode(record, to: &buffer)
        buffer.append(10)
        if buffer.count >= 1 << 20 { try flush() }
    }

    /// Writes the buffer, flushes the file to disk and renames it.
    package consuming func finish() throws(ReasoningError) {
        try flush()
        do {
            try file.synchronize()
            try file.close()
        } catch {
            throw .unwritable(path: path, cause: error.localizedDescription)
        }
        guard rename(temporary, path) == 0 else {
            throw .unwritable(path: path, cause: String(cString: strerror(errno)))
        }
        isFinished = true
        try synchronizeDirectory()
    }

    /// Flushes the directory, which makes the new name durable.
    private func synchronizeDirectory() throws(ReasoningError) {
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let parent = end.map { String(Substring(path.utf8[...$0])) } ?? "."
        let directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else {
            throw .unwritable(path: path, cause: String(cString: strerror(errno)))
        }
        defer { close(directory) }
        // Some file systems cannot flush a directory.
        guard fsync(directory) == 0 || errno == EINVAL else {
            throw .unwritable(path: path, cause: String(cString: strerror(errno)))
        }
    }

    private mutating func flush() throws(ReasoningError) {
        do {
            try file.write(contentsOf: buffer)
            buffer.removeAll(keepingCapacity: true)
        } catch {
            throw .unwritable(path: path, cause: error.localizedDescription)
        }
    }
}
