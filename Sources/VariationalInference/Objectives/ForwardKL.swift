/// The factors of grad log q(z_m|x,y') in the forward-KL gradient that trains the posterior (Eq.
/// 9):
///
///     -grad KL(P(z|x,Y_x) || q) ~ sum_m (w_m / sum_j w_j) grad log q(z_m|x,y'),   w_m = pi(Y_x|x,z_m),
///
/// for traces z_m that the prior wrote. The estimate is self-normalised and hence biased; with one
/// trace the weight is 1 whatever its accuracy. `nil` if no trace has an accuracy above zero.
///
/// - Parameter accuracies: the estimates of pi(Y_x|x,z_m), none negative.
public func forwardKLWeights(accuracies: [Double]) -> [Double]? {
    precondition(
        accuracies.allSatisfy { $0 >= 0 && $0 < .infinity }, "an accuracy is negative or not finite"
    )
    let total = accuracies.reduce(0, +)
    return total > 0 ? accuracies.map { $0 / total } : nil
}
