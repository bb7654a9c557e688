import Files
import Foundation
import JSON

/// Writes records line by line into a temporary file next to `path`; `finish` renames it to `path`. Without
/// `finish`, the temporary file is removed and nothing is written to `path`.
package struct JSONLinesWriter: ~Copyable {
    private let path: String
    private let file: DurableFile
    private var buffer: [UInt8] = []

    package init(_ path: String) throws(ReasoningError) {
        self.path = path
        do {
            file = try DurableFile(path)
        } catch {
            throw .unwritable(path: path, cause: error.reason)
        }
    }

    package mutating func append(_ record: some Encodable) throws(ReasoningError) {
        JSONRecordEncoder.encode(record, to: &buffer)
        buffer.append(10)
        if buffer.count >= 1 << 20 { try flush() }
    }

    /// Appends the lines of another file, without blank ones.
    package mutating func append(linesOf other: String) throws(ReasoningError) {
        var lines = try LineReader<ReasoningError>(other)
        while let line = try lines.nextFilled() {
            buffer += line
            buffer.append(10)
            if buffer.count >= 1 << 20 { try flush() }
        }
    }

    /// Writes the buffer, flushes the file to disk and renames it.
    package consuming func finish() throws(ReasoningError) {
        try flush()
        let path = self.path
        do {
            try file.finish()
        } catch {
            throw .unwritable(path: path, cause: error.reason)
        }
    }

    private mutating func flush() throws(ReasoningError) {
        do {
            try buffer.withUnsafeBufferPointer { bytes throws(POSIXError) in
                try file.append(UnsafeRawBufferPointer(bytes))
            }
        } catch {
            throw .unwritable(path: path, cause: error.reason)
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
