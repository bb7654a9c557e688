import CKernels

/// Work split over a fixed number of threads, for code whose results do not depend on the split.
enum Parallel {
    /// Calls `body` once for each index below `count`; thread t takes t, t + threads, ...
    static func forEach(_ count: Int, threads: Int, _ body: (_ index: Int, _ thread: Int) -> Void) {
        let used = max(1, min(threads, count))
        // A closure reaches C as the address of a variable that holds it, for the length of the call.
        withoutActuallyEscaping(body) { body in
            var share = { (thread: Int) in
                for index in stride(from: thread, to: count, by: used) { body(index, thread) }
            }
            withUnsafeMutablePointer(to: &share) { share in
                vk_parallel(
                    used,
                    { context, thread in
                        context?.assumingMemoryBound(to: ((Int) -> Void).self).pointee(thread)
                    }, share)
            }
        }
    }
}
