/// The claims of the paper and its open questions, in order.
enum ClaimID: String, CaseIterable {
    case t1 = "T1"
    case t2 = "T2"
    case t3 = "T3"
    case t4 = "T4"
    case t5 = "T5"
    case t6 = "T6"
    case t7 = "T7"
    case t8 = "T8"
    case t9 = "T9"
    case t10 = "T10"
    case t11 = "T11"
    case t12 = "T12"
    case t13 = "T13"
    case t14 = "T14"
    case t15 = "T15"
    case t16 = "T16"
    case t17 = "T17"
    case t18 = "T18"

    /// The claims that need evaluations of arms.
    static let ofArms: [ClaimID] = [.t7, .t8, .t9, .t10, .t12, .t13, .t16, .t17, .t18]
}
