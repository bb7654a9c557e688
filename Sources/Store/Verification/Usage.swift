/// What a worker used.
package struct Usage: Hashable, Sendable {
    package var cpuSeconds: Double
    /// Largest resident set in bytes.
    package var peakMemory: Int

    package init(cpuSeconds: Double, peakMemory: Int) {
        self.cpuSeconds = cpuSeconds
        self.peakMemory = peakMemory
    }
}
