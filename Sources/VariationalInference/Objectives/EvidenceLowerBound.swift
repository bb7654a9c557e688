/// The evidence lower bound (Eq. 2 and 4) and its gradient for the posterior,
///
///     L = E_q[log rho] = log P(Y_x|x) - KL(q(z|x,y') || P(z|x,Y_x)),
///     grad_phi L = E_q[log rho grad log q(z|x,y')],
///
/// which trains q by the reverse KL: reinforcement learning with log rho as reward (App. A.6 and
/// A.9).
public enum EvidenceLowerBound {
    /// The factors of grad log q(z_k|x,y') from log rho of one question's K traces: log rho_k less
    /// its mean over the other traces, which leaves the gradient unbiased. As with `Advantage`, the
    /// gradient of the question is the mean over its traces of factor times gradient. One trace has
    /// no other to compare with: its factor is log rho itself.
    ///
    /// - Parameter floor: the least log rho, finite where a trace may have no correct answer. The
    ///   factors are then those of E_q[max(log rho, floor)]: what is raised to the floor no longer
    ///   depends on q, and to lack that dependence is worth 1.
    public static func advantages(logRho: [Double], floor: Double = -.infinity) -> [Double] {
        let rewards = logRho.map { $0 < floor ? floor + 1 : $0 }
        precondition(rewards.allSatisfy(\.isFinite), "a log importance weight is not finite")
        return rewards.count == 1 ? rewards : Advantage.leaveOneOut.values(rewards: rewards)
    }

    /// The factors of a batch, one row a question, centred on the mean of their question and divided by their
    /// standard deviation over the batch, so that the step does not depend on the scale of log rho; all 0 if none
    /// differs from its mean. Where every question has one trace, the mean is that of the batch. The divisor depends on
    /// the batch, so the gradient keeps its direction for the batch but is no longer unbiased.
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
