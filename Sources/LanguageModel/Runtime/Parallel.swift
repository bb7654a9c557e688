import CKernels

/// Splits work over a fixed number of threads. For code whose results do not depend on the split.
enum Parallel {
    /// Calls `body` once for each index below `count`. Thread t processes t, t + threads, ...
    static func forEach(_ count: Int, threads: Int, _ body: (_ index: Int, _ thread: Int) -> Void) {
        let used = max(1, min(threads, count))
        // A pointer to the closure is passed to C, valid for the duration of the call.
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
