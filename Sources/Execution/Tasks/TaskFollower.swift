import Files
import Foundation
import Glibc

/// Follows the latest start of a stage in the shared directory: what its worker reports goes to a sink, and the logs of
/// all starts to the local log, each line once.
struct TaskFollower: Sendable {
    let directory: String
    let sink: any EventSink
    private let notices: NoticeLog
    private var log: StartLogs

    private(set) var start: TaskStart?

    /// How much of the events of each start was read, in bytes.
    private var eventsRead: [TaskStart: Int] = [:]

    /// The number of starts that were followed.
    var starts: Int { eventsRead.count }

    private static let piece = 1 << 20

    /// The greatest length of a line, in bytes.
    private static let lineLimit = 64 << 20

    init(directory: String, sink: any EventSink, log: String, notices: NoticeLog) {
        self.directory = directory
        self.sink = sink
        self.notices = notices
        self.log = StartLogs(log)
    }

    /// Looks for a later start. Returns whether there is one.
    mutating func look() -> Bool {
        let earlier = start
        trying { follower throws(SharedFileError) in
            let all = try TaskStart.all(in: follower.directory)
            guard let latest = all.last, latest != follower.start else { return }
            follower.read()
            for earlier in all.dropLast() { try follower.log.copy(earlier) }
            follower.follow(latest)
        }
        return start != earlier
    }

    /// Reads what is new of the current start. A sink that wants no more has failed, and says so at the end.
    mutating func read() {
        guard let start else { return }
        trying { follower throws(SharedFileError) in try follower.log.copy(start) }
        trying { follower throws(SharedFileError) in try follower.readEvents(start) }
    }

    /// Reads the rest of the start whose result was published.
    mutating func finish(_ path: String) {
        let published = TaskStart(path: path)
        if published != start {
            read()
            follow(published)
        }
        read()
    }

    /// The interruption of the current start, if it was interrupted.
    mutating func interruption() -> TaskInterruption? {
        var interruption: TaskInterruption?
        trying { follower throws(SharedFileError) in
            interruption = try follower.start.flatMap { start throws(SharedFileError) in
                try TaskInterruption.read(start.interruption)
            }
        }
        return interruption
    }

    private mutating func follow(_ start: TaskStart) {
        self.start = start
        eventsRead[start] = eventsRead[start] ?? 0
    }

    private mutating func readEvents(_ start: TaskStart) throws(SharedFileError) {
        var room = Self.piece
        if let file = try SharedFile.open(start.events) {
            while true {
                let place = eventsRead[start] ?? 0
                let bytes = try SharedFile.read(file, start.events, from: place, count: room)
                guard let end = bytes.lastIndex(of: 10) else {
                    // The last line may not be complete yet, or is longer than a piece.
                    guard bytes.count == room, room < Self.lineLimit else { break }
                    room *= 2
                    continue
                }
                eventsRead[start] = place + end + 1
                guard bytes[...end].withUnsafeBytes({ sink.receive($0) }) else { return }
            }
        }
        _ = sink.receive(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Reports the first failure of a kind. The next look tries again.
    private mutating func trying(
        _ body: (inout TaskFollower) throws(SharedFileError) -> Void
    ) {
        do throws(SharedFileError) {
            try body(&self)
        } catch {
            notices.tell(error)
        }
    }
}
