import Glibc

extension ChildProcess {
    /// The description of a program to run.
    package struct Launch: Sendable {
        /// The destination of an output stream.
        package enum Sink: Sendable {
            /// The output is received as lines.
            case lines
            /// The output is appended to a file.
            case file(String)
            /// The output goes to an open file of this process.
            case descriptor(Int32)
        }

        /// The path of the program.
        package var executable: String
        package var arguments: [String]
        package var environment: [String: String]
        package var output: Sink
        package var errors: Sink
        /// Receives standard output instead of `Event.line`: complete lines with their terminators, many at a time, and
        /// an empty buffer if none arrived for a while. It is called by one thread, which reads no more in the
        /// meantime, so that the program waits for its reader. If it returns false, the program is killed.
        package var receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
        /// Receives standard error in the same way, on the same thread.
        package var receiveErrors: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
        /// Called repeatedly after the program has ended. As long as it returns true, output of other processes to the
        /// streams of the program is read, and the end is not reported.
        package var continues: (@Sendable (ExitStatus) -> Bool)?
        /// A line with this prefix, after which the program waits, is passed as `Event.line` even if `receive` is set,
        /// after all earlier output was received.
        package var announcement: String?
        /// The maximum length of a line that is not truncated, in bytes.
        package var longestLine = LineStream.longestLine
        /// Whether the program leads a process group of its own. Otherwise it stays in the group of this process, is
        /// killed with that group, and has an empty standard input.
        package var leadsGroup: Bool

        package init(
            executable: String, arguments: [String], environment: [String: String],
            output: Sink, errors: Sink, leadsGroup: Bool = true,
            receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.output = output
            self.errors = errors
            self.leadsGroup = leadsGroup
            self.receive = receive
        }

        /// Appends standard error to a file, and also standard output if `outputFile` is given.
        package init(
            executable: String, arguments: [String], environment: [String: String],
            errorFile: String, outputFile: String? = nil, leadsGroup: Bool = true,
            receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
        ) {
            self.init(
                executable: executable, arguments: arguments, environment: environment,
                output: outputFile.map { .file($0) } ?? .lines, errors: .file(errorFile),
                leadsGroup: leadsGroup, receive: receive)
        }
    }
}
