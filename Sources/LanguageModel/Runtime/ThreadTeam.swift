import CKernels

/// Threads that take the same steps together and wait for each other in between: for work in which each
/// step needs the whole result of the one before.
enum ThreadTeam {
    /// The most threads that a team has.
    static let limit = 256

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

    /// Calls `body` at the same time on `threads` threads, or on as many as the system gives, and returns when
    /// all are done.
    static func run(threads: Int, _ body: (Member) -> Void) {
        guard threads > 1 else {
            body(.alone)
            return
        }
        // A closure reaches C as the address of a variable that holds it, for the length of the call.
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
