extension UInt64 {
    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014), with which generators of random numbers mix seeds and
    /// counters: every bit of the result depends on every bit.
    package var mixed: UInt64 {
        var z = self
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
