import CSystem
import Files
import Foundation
import Glibc
import Pipeline
import Store

/// The versions of this program and of its libraries.
enum ProgramVersions {
    /// The version of the compiler that built the program.
    static let swift: String = {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #elseif compiler(>=6.2)
            "6.2"
        #else
            "6.1"
        #endif
    }()

    /// The build identifier that the linker computed from the program, in hexadecimal as `readelf -n` prints it.
    static var build: String? {
        let id = program_build_id()
        guard id.count > 0 else { return nil }
        return withUnsafeBytes(of: id.bytes) { bytes in
            bytes.prefix(Int(id.count)).map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined()
        }
    }

    /// The version of the C library, such as `glibc 2.36`.
    static var libc: String {
        var text = [CChar](repeating: 0, count: 64)
        guard confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count) > 0 else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// All versions by name.
    static var all: [String: String] {
        [
            "swift": swift, "libc": libc, "sqlite": StoreLibraries.sqlite,
            "libarchive": StoreLibraries.archive, "openssl": CryptoLibrary.version,
        ]
    }

    /// The name of the operating system, such as `Debian GNU/Linux 12 (bookworm)`.
    static var system: String {
        let data = FileManager.default.contents(atPath: "/etc/os-release") ?? Data()
        let name = String(decoding: data, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst("PRETTY_NAME=".count)
        return name.map { $0.filter { $0 != "\"" } }
            ?? ProcessInfo.processInfo.operatingSystemVersionString
    }

    /// The release of the kernel, such as `6.1.0-18-amd64`.
    static var kernel: String {
        let data = FileManager.default.contents(atPath: "/proc/sys/kernel/osrelease") ?? Data()
        return String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
