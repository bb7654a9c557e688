/// Exponential backoff with jitter: the pause before a retry doubles each time, up to a bound, and up to half of it is
/// randomly removed, so that stages that failed together are not retried together.
package struct Backoff: Hashable, Sendable {
    package var first: Duration
    package var most: Duration

    package static let usual = Backoff(first: .seconds(1), most: .seconds(60))

    package init(first: Duration, most: Duration) {
        self.first = first
        self.most = most
    }

    /// The pause before retry number `retry`, which is at least 1. `chance` is from 0 to 1.
    package func pause(before retry: Int, chance: Double) -> Duration {
        var (pause, left) = (first, retry - 1)
        while left > 0, pause < most {
            pause *= 2
            left -= 1
        }
        return min(pause, most) * (1 - 0.5 * chance)
    }
}
