/// The evidence lower bound (Eq. 2 and 4) and its gradient with respect to the posterior,
///
///     L = E_q[log rho] = log P(Y_x|x) - KL(q(z|x,y') || P(z|x,Y_x)),
///     grad_phi L = E_q[log rho grad log q(z|x,y')],
///
/// which trains q by the reverse KL: reinforcement learning with log rho as the reward (App. A.6 and A.9).
public enum EvidenceLowerBound {
    /// The factors of grad log q(z_k|x,y') from log rho of the K traces of a question: log rho_k minus the mean
    /// of the other traces, which keeps the gradient unbiased. As with `Advantage`, the gradient of the
    /// question is the mean over its traces of factor times gradient. The factor of a single trace is log rho
    /// itself.
    ///
    /// - Parameter floor: The minimum of log rho; must be finite if a trace may have no correct answer. The
    ///   factors are then those of E_q[max(log rho, floor)]. A raised value does not depend on q, which adds 1
    ///   to its factor.
    public static func advantages(logRho: [Double], floor: Double = -.infinity) -> [Double] {
        let rewards = logRho.map { $0 < floor ? floor + 1 : $0 }
        precondition(rewards.allSatisfy(\.isFinite), "a log importance weight is not finite")
        return rewards.count == 1 ? rewards : Advantage.leaveOneOut.values(rewards: rewards)
    }

    /// The factors of a batch, [questions][traces], centred on the mean of their question and divided by their
    /// standard deviation over the batch, so that the step size does not depend on the scale of log rho. All
    /// are 0 if no factor differs from its mean. If every question has one trace, the mean is that of the
    /// batch. The divisor depends on the batch, so the gradient keeps its direction within the batch but is no
    /// longer unbiased.
    public static func normalized(_ advantages: [[Double]]) -> [[Double]] {
        let center = Advantage.reinforceMeanBaseline
        let centred: [[Double]]
        if advantages.allSatisfy({ $0.count == 1 }) {
            centred = center.values(rewards: advantages.flatMap { $0 }).map { [$0] }
        } else {
            centred = advantages.map { center.values(rewards: $0) }
        }
        let count = Double(max(1, centred.reduce(0) { $0 + $1.count }))
        let variance = centred.joined().reduce(0) { $0 + $1 * $1 } / count
        guard variance > 0 else { return centred }
        return centred.map { row in row.map { $0 / variance.squareRoot() } }
    }
}
