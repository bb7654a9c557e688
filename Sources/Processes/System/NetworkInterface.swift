import Glibc

/// Network interfaces of this machine.
package enum NetworkInterface {
    /// The name of the interface that has an address, which may be given as the name of a host; `nil` if none has.
    package static func name(of host: String) -> String? {
        let wanted = addresses(of: host)
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return nil }
        defer { freeifaddrs(first) }
        let interfaces = sequence(first: first) { $0?.pointee.ifa_next }.prefix { $0 != nil }
        for case let interface? in interfaces {
            guard let address = interface.pointee.ifa_addr, let text = text(of: address) else {
                continue
            }
            if wanted.contains(text) { return String(cString: interface.pointee.ifa_name) }
        }
        return nil
    }

    private static func addresses(of host: String) -> Set<String> {
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, nil, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        let entries = sequence(first: list) { $0?.pointee.ai_next }.prefix { $0 != nil }
        return Set(entries.compactMap { $0?.pointee.ai_addr }.compactMap { text(of: $0) })
    }

    /// The numeric form of an internet address; `nil` for one of another kind.
    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let length: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(
                address, socklen_t(length), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
                == 0
        else { return nil }
        return host.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
    }
}
