import Foundation
import Glibc
import Pipeline

/// The metrics of a stage so far, in its work directory: an attempt that resumes tells them again up to
/// where it resumes, so that no point is lost, however suddenly the attempts before it ended. The file only
/// grows; of two points in one place the later one holds.
struct MetricLog: ~Copyable {
    private let file: Int32

    init(directory: String) throws {
        let path = directory + "/metrics.jsonl"
        file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw WorkerError.file(path: path, reason: String(cString: strerror(errno)))
        }
        // A line that a sudden end cut off must not swallow the next one.
        var last: UInt8 = 10
        let size = lseek(file, 0, SEEK_END)
        if size > 0, pread(file, &last, 1, size - 1) == 1, last != 10 { append([10]) }
    }

    deinit { close(file) }

    /// Keeps a line; a line is in the file before the checkpoint that follows it.
    func append(_ line: [UInt8]) {
        _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }

    /// The points up to `step`, as they came.
    func points(through step: Int) -> [WorkerMessage] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(file, &buffer, buffer.count, bytes.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes.split(separator: 10).compactMap { line -> WorkerMessage? in
            let message = WorkerMessage(line: String(decoding: line, as: UTF8.self))
            guard case .event(.metric(_, let at, _))? = message, at <= step else { return nil }
            return message
        }
    }
}
