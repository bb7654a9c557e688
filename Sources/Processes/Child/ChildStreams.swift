import Files
import Glibc

/// What a child writes, read by one thread until the child has ended and all that it wrote is read: a process
/// that outlives it may keep its output open.
struct ChildStreams {
    private struct Stream {
        let file: Descriptor
        let take: (UnsafeRawBufferPointer) -> Void
        var lines = LineStream()
        var isOpen = true
    }

    private var streams: [Stream] = []

    /// Each reads 32 KiB or more of a pipe, and none holds more than a MiB.
    private static let mostRounds = 64

    /// Reads a stream too; `take` gets whole lines with their ends, many at a time.
    mutating func add(_ file: Descriptor, _ take: @escaping (UnsafeRawBufferPointer) -> Void) {
        streams.append(Stream(file: file, take: take))
    }

    /// Returns how the child ended. `process` becomes readable with that; `idle` is called where nothing was
    /// written for a tenth of a second, and `continues` after the end, for as long as it says so; if they are
    /// there.
    mutating func follow(
        _ process: Descriptor?, _ ending: ChildEnding, idle: (() -> Void)?,
        continues: ((ExitStatus) -> Bool)?
    ) -> ExitStatus {
        // A kernel that has no descriptors for processes is asked now and then.
        let patience: Int32 = process == nil ? 20 : idle == nil ? -1 : 100
        while true {
            let (count, isOver) = read(within: patience, process)
            if process == nil ? ending.isOver() : isOver { break }
            if count == 0 { idle?() }
        }
        let status = ending.reap()
        var pause: Int32 = 1
        while let continues, continues(status) {
            _ = read(within: pause, nil)
            pause = min(2 * pause, 50)
        }
        // Killing the group has closed the pipes, unless someone outside of it holds them, and may write
        // for ever: what the child wrote is no more than pipes hold.
        for _ in 0..<Self.mostRounds {
            guard read(within: 0, nil).count > 0 else { break }
        }
        for place in streams.indices {
            let take = streams[place].take
            streams[place].lines.finish(take)
        }
        return status
    }

    /// Reads what is there; returns how many streams had something, and whether the child has ended.
    private mutating func read(
        within patience: Int32, _ process: Descriptor?
    ) -> (count: Int, isOver: Bool) {
        var states = streams.map {
            pollfd(fd: $0.isOpen ? $0.file.number : -1, events: Int16(POLLIN), revents: 0)
        }
        states.append(pollfd(fd: process?.number ?? -1, events: Int16(POLLIN), revents: 0))
        guard poll(&states, UInt(states.count), patience) > 0 else { return (0, false) }
        var count = 0
        for place in streams.indices where states[place].revents != 0 {
            count += 1
            let (file, take) = (streams[place].file.number, streams[place].take)
            streams[place].isOpen = streams[place].lines.readPieces(file, take)
        }
        return (count, states[streams.count].revents != 0)
    }
}
