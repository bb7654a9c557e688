/// The present start of the machine.
package enum Boot {
    /// Its name among all starts of all machines; empty where there is no `/proc`.
    package static let identifier =
        (ProcessFile.text("/proc/sys/kernel/random/boot_id") ?? "").filter { $0 != "\n" }
}
