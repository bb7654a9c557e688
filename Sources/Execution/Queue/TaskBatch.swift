/// The distribution of short tasks to the elements of an array.
package enum TaskBatch {
    /// Tasks in groups that take at most `seconds` together; each alone if `seconds` is `nil`. The order is kept.
    package static func elements(
        _ tasks: [(name: String, seconds: Double)], seconds limit: Double?
    ) -> [[String]] {
        guard let limit else { return tasks.map { [$0.name] } }
        var elements: [[String]] = []
        var sum = 0.0
        for task in tasks {
            if elements.isEmpty || sum + task.seconds > limit {
                elements.append([])
                sum = 0
            }
            elements[elements.count - 1].append(task.name)
            sum += task.seconds
        }
        return elements
    }
}
