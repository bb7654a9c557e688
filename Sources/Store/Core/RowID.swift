/// The id of a row of a table. Ids of different tables are different types.
package struct RowID<Table>: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    package static func < (left: RowID, right: RowID) -> Bool { left.rawValue < right.rawValue }
}

/// The tables whose ids have a type.
package enum StoreTable {
    package enum Run {}
    package enum Execution {}
}

/// The id of a row of `run`.
package typealias RunID = RowID<StoreTable.Run>

/// The id of a row of `execution`: an attempt at the work of a cache key.
package typealias ExecutionID = RowID<StoreTable.Execution>
