/// The current boot of the machine.
package enum Boot {
    /// Its unique identifier; empty without `/proc`.
    package static let identifier =
        (ProcessFile.text("/proc/sys/kernel/random/boot_id") ?? "").filter { $0 != "\n" }
}
