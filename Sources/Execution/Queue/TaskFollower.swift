import Files
import Foundation
import Glibc

/// Follows the latest start of a stage in the shared directory: what its worker reports goes to a sink, and its log to
/// the local log.
struct TaskFollower: Sendable {
    let directory: String
    let sink: any EventSink
    let log: String

    private(set) var start: TaskStart?

    /// The number of starts that were followed.
    private(set) var starts = 0
    private var eventsRead = 0
    private var logRead = 0

    init(directory: String, sink: any EventSink, log: String) {
        self.directory = directory
        self.sink = sink
        self.log = log
    }

    /// Looks for a later start. Returns whether there is one.
    mutating func look() -> Bool {
        guard let latest = TaskStart.all(in: directory).last, latest != start else { return false }
        follow(latest)
        return true
    }

    /// Reads what is new of the current start. A sink that wants no more has failed, and says so at the end.
    mutating func read() {
        guard let start else { return }
        while true {
            let bytes = Self.bytes(of: start.log, from: logRead)
            guard !bytes.isEmpty, let file = fopen(log, "a") else { break }
            fwrite(bytes, 1, bytes.count, file)
            fclose(file)
            logRead += bytes.count
        }
        while true {
            let bytes = Self.bytes(of: start.events, from: eventsRead)
            // The last line may not be complete yet.
            guard let end = bytes.lastIndex(of: 10) else { break }
            eventsRead += end + 1
            guard bytes[...end].withUnsafeBytes({ sink.receive($0) }) else { return }
        }
        _ = sink.receive(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Reads the rest of the start whose result was published.
    mutating func finish(_ path: String) {
        let published = TaskStart(path: path)
        if published != start { follow(published) }
        read()
    }

    /// The interruption of the current start, if it was interrupted.
    var interruption: TaskInterruption? {
        start.flatMap { TaskResult.read($0.interruption, as: TaskInterruption.self) }
    }

    private mutating func follow(_ start: TaskStart) {
        self.start = start
        starts += 1
        (eventsRead, logRead) = (0, 0)
    }

    /// At most 1 MiB of a file; nothing if it cannot be read now.
    private static func bytes(of path: String, from offset: Int) -> [UInt8] {
        let number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { return [] }
        let file = Descriptor(number)
        return [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
            count = max(0, pread(file.number, buffer.baseAddress, buffer.count, off_t(offset)))
        }
    }
}
