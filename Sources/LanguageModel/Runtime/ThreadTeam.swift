import CKernels

/// Threads that execute the same steps and synchronise between them. For work in which each step needs the
/// complete result of the previous one.
enum ThreadTeam {
    /// The maximum number of threads of a team.
    static let limit = 256

    /// One thread of a team.
    struct Member {
        let index: Int
        let count: Int
        fileprivate let barrier: OpaquePointer?

        /// The only member of its team.
        static var alone: Member { Member(index: 0, count: 1, barrier: nil) }

        /// Waits until every member has called it.
        func wait() {
            if let barrier { vk_barrier_wait(barrier) }
        }

        /// The share of this member in `total` items.
        func share(of total: Int) -> Range<Int> {
            total * index / count..<total * (index + 1) / count
        }
    }

    /// Calls `body` concurrently on `threads` threads, or fewer if the system cannot start as many, and waits
    /// for all.
    static func run(threads: Int, _ body: (Member) -> Void) {
        guard threads > 1 else {
            body(.alone)
            return
        }
        // A pointer to the closure is passed to C, valid for the duration of the call.
        withoutActuallyEscaping(body) { body in
            var share = body
            withUnsafeMutablePointer(to: &share) { share in
                vk_team(
                    threads,
                    { context, index, barrier in
                        guard let barrier else { return }
                        context?.assumingMemoryBound(to: ((Member) -> Void).self).pointee(
                            Member(
                                index: index, count: vk_barrier_threads(barrier), barrier: barrier))
                    }, share)
            }
        }
    }
}
