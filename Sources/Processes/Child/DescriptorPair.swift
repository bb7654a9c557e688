import CSystem
import Files
import Glibc

/// Two connected descriptors that are closed in other programs. Their errors name the program that they are for.
struct DescriptorPair {
    /// For a pipe, the end for reading.
    let first: Descriptor
    let second: Descriptor

    static func pipe(for executable: String) throws(SpawnError) -> DescriptorPair {
        var ends: [Int32] = [0, 0]
        guard closed_pipe(&ends) == 0 else { throw SpawnError(executable: executable, code: errno) }
        return DescriptorPair(first: Descriptor(ends[0]), second: Descriptor(ends[1]))
    }

    /// A pair of sockets. Unlike for a pipe, writing to a socket whose other end is closed need not raise SIGPIPE.
    static func sockets(for executable: String) throws(SpawnError) -> DescriptorPair {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw SpawnError(executable: executable, code: errno)
        }
        return DescriptorPair(first: Descriptor(ends[0]), second: Descriptor(ends[1]))
    }
}
