/// How long to wait before a failed stage is tried again: twice as long each time, up to a bound, and a
/// random half less, so that what failed together does not fail together again.
package struct Backoff: Hashable, Sendable {
    package var first: Duration
    package var most: Duration

    package static let usual = Backoff(first: .seconds(1), most: .seconds(60))

    package init(first: Duration, most: Duration) {
        self.first = first
        self.most = most
    }

    /// Before the `retry`-th further attempt, which is 1 or more. `chance` is from 0 to 1.
    package func pause(before retry: Int, chance: Double) -> Duration {
        var (pause, left) = (first, retry - 1)
        while left > 0, pause < most {
            pause *= 2
            left -= 1
        }
        return min(pause, most) * (1 - 0.5 * chance)
    }
}
