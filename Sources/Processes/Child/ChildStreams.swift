import Files
import Glibc

/// Reads the output of a child on one thread, until the child has ended and its output is read. A process that outlives
/// the child may keep the output open.
struct ChildStreams {
    private struct Stream {
        let file: Descriptor
        let take: (UnsafeRawBufferPointer) -> Void
        var lines: LineStream
        var isOpen = true
    }

    private var streams: [Stream] = []

    /// The maximum number of reads after the end of the child. Each reads at least 32 KiB, and pipes hold at most 1
    /// MiB.
    private static let mostRounds = 64

    /// Adds a stream. `take` receives complete lines with their terminators, many at a time.
    mutating func add(
        _ file: Descriptor, longestLine: Int, _ take: @escaping (UnsafeRawBufferPointer) -> Void
    ) {
        streams.append(
            Stream(file: file, take: take, lines: LineStream(longest: longestLine)))
    }

    /// Reads the streams and returns the exit status of the child. `process` becomes readable when the child ends.
    /// `idle` is called if nothing was written for a tenth of a second. After the end, reading continues as long as
    /// `continues` returns true.
    mutating func follow(
        _ process: Descriptor?, _ ending: ChildEnding, idle: (() -> Void)?,
        continues: ((ExitStatus) -> Bool)?
    ) -> ExitStatus {
        // Without process descriptors in the kernel, the child is polled.
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
        // Killing the group has closed the pipes, unless a process outside of the group has them open, which may write
        // forever. The output of the child itself is at most the capacity of the pipes.
        for _ in 0..<Self.mostRounds {
            guard read(within: 0, nil).count > 0 else { break }
        }
        for place in streams.indices {
            let take = streams[place].take
            streams[place].lines.finish(take)
        }
        return status
    }

    /// Reads the available output. Returns the number of streams with output, and whether the child has ended.
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
