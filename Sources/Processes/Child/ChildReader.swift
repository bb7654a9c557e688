import Files

/// Reads the output of a child and reports its lines and its end. For one thread.
final class ChildReader {
    private let launch: ChildProcess.Launch
    private let ending: ChildEnding
    private let continuation: AsyncStream<ChildProcess.Event>.Continuation
    private let announcement: [UInt8]?

    /// Whether no receiver has rejected output yet.
    private var isWanted = true

    init(
        _ launch: ChildProcess.Launch, _ ending: ChildEnding,
        _ continuation: AsyncStream<ChildProcess.Event>.Continuation
    ) {
        self.launch = launch
        self.ending = ending
        self.continuation = continuation
        announcement = launch.announcement.map { Array($0.utf8) }
    }

    /// Reads until the child has ended. `output` and `errors` are its streams that are received as lines; `process`
    /// becomes readable when the child ends.
    func run(_ output: Descriptor?, _ errors: Descriptor?, _ process: Descriptor?) {
        var streams = ChildStreams()
        if let output {
            streams.add(output, longestLine: launch.longestLine, receiveOutput)
        }
        if let errors {
            streams.add(errors, longestLine: launch.longestLine, receiveErrors)
        }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let idle = launch.receive.map { _ in { self.receiveOutput(nothing) } }
        let status = streams.follow(process, ending, idle: idle, continues: launch.continues)
        continuation.yield(.ended(status))
        continuation.finish()
    }

    private func receiveOutput(_ piece: UnsafeRawBufferPointer) {
        guard let receive = launch.receive else { return yieldLines(piece) }
        guard isWanted else { return }
        let (lines, announced) = LineStream.cut(piece, before: announcement)
        isWanted = receive(lines)
        if !isWanted { ending.endAll() }
        if let announced { continuation.yield(.line(announced)) }
    }

    private func receiveErrors(_ piece: UnsafeRawBufferPointer) {
        guard let receive = launch.receiveErrors else { return yieldLines(piece) }
        isWanted = isWanted && receive(piece)
        if !isWanted { ending.endAll() }
    }

    private func yieldLines(_ piece: UnsafeRawBufferPointer) {
        LineStream.split(piece) { continuation.yield(.line($0)) }
    }
}
