import Glibc

/// Whether the system would give memory, asked before work begins: what is denied later ends the process.
enum MemoryCheck {
    /// Throws unless `floats` numbers of single precision can be had, with what they are for: if they are more than the
    /// machine has, or if the system refuses address space of that size, which is given back at once.
    static func floats(_ floats: Int, for purpose: LanguageModelError.Purpose) throws {
        let (bytes, isTooMany) = floats.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
        guard !isTooMany else { throw LanguageModelError.memory(bytes: .max, purpose) }
        guard bytes > 0 else { return }
        guard bytes <= machine else { throw LanguageModelError.memory(bytes: bytes, purpose) }
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED else { throw LanguageModelError.memory(bytes: bytes, purpose) }
        munmap(memory, bytes)
    }

    /// Bytes of the machine's memory.
    private static let machine = sysconf(Int32(_SC_PHYS_PAGES)) * Int(getpagesize())
}
