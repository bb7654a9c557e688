import Glibc

/// Whether the system would give memory, asked before work begins: what is denied later ends the process.
enum MemoryCheck {
    /// Throws unless `floats` numbers of single precision can be had now, with what they are for. Asks for address space of
    /// that size, which the system refuses where it is more than the machine or the process may have, and gives it back.
    static func floats(_ floats: Int, for purpose: LanguageModelError.Purpose) throws {
        let (bytes, isTooMany) = floats.multipliedReportingOverflow(by: MemoryLayout<Float>.size)
        guard !isTooMany else { throw LanguageModelError.memory(bytes: .max, purpose) }
        guard bytes > 0 else { return }
        let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard memory != MAP_FAILED else { throw LanguageModelError.memory(bytes: bytes, purpose) }
        munmap(memory, bytes)
    }
}
