import Glibc

/// The signals that were ignored when this process started: `nohup` ignores SIGHUP, and a shell without job control
/// ignores SIGINT and SIGQUIT for background jobs. They stay ignored in this process and in programs that it starts.
package enum InheritedSignals {
    /// Read once, before this program changes the handling of signals.
    package static let ignored = Set(
        [SIGHUP, SIGINT, SIGQUIT, SIGTERM].filter { number in
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { return false }
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
        })
}
