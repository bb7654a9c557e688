import CSystem
import Files
import Glibc

/// Two connected descriptors that no other program inherits.
struct DescriptorPair {
    /// Of a pipe, the end to read from.
    let first: Descriptor
    let second: Descriptor

    static func pipe(_ failure: (Int32) -> SpawnError) throws(SpawnError) -> DescriptorPair {
        var ends: [Int32] = [0, 0]
        guard closed_pipe(&ends) == 0 else { throw failure(errno) }
        return DescriptorPair(first: Descriptor(ends[0]), second: Descriptor(ends[1]))
    }

    /// Unlike a pipe's, a write to a socket whose other end is gone need not raise SIGPIPE.
    static func sockets(_ failure: (Int32) -> SpawnError) throws(SpawnError) -> DescriptorPair {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw failure(errno) }
        return DescriptorPair(first: Descriptor(ends[0]), second: Descriptor(ends[1]))
    }
}
