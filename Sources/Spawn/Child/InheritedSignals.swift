import Glibc

/// The signals that were ignored when this process started: `nohup` has SIGHUP ignored, and a shell without
/// job control SIGINT and SIGQUIT of its background jobs. They stay ignored, here and in what is started.
package enum InheritedSignals {
    /// Read once, so before anything here changes how a signal is handled.
    package static let ignored = Set(
        [SIGHUP, SIGINT, SIGQUIT, SIGTERM].filter { number in
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { return false }
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
        })
}
