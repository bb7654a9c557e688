import CKernels

/// Threads that take the same steps together and wait for each other in between: for work in which each
/// step needs the whole result of the one before.
enum Team {
    /// One thread of a team.
    struct Member {
        let index: Int
        let count: Int
        fileprivate let barrier: OpaquePointer?

        /// The only member of its team.
        static var alone: Member { Member(index: 0, count: 1, barrier: nil) }

        /// Returns when every member has called it.
        func wait() {
            if let barrier { vk_barrier_wait(barrier) }
        }

        /// This member's part of `total` things.
        func share(of total: Int) -> Range<Int> {
            total * index / count..<total * (index + 1) / count
        }
    }

    /// Calls `body` on each of `threads` threads and returns when all are done.
    static func run(threads: Int, _ body: (Member) -> Void) {
        guard threads > 1, let barrier = vk_barrier_create(threads) else {
            body(.alone)
            return
        }
        defer { vk_barrier_destroy(barrier) }
        Parallel.forEach(threads, threads: threads) { index, _ in
            body(Member(index: index, count: threads, barrier: barrier))
        }
    }
}
