import Report
import Store

/// The pages on a store, each computed from a request.
package struct Dashboard: Sendable {
    let store: Store

    /// Runs the queries of readers.
    let console: Console
    let frame: PageFrame

    /// `assets` are the addresses of the style sheet and the scripts, by name.
    package init(_ store: Store, assets: [String: String]) throws {
        self.store = store
        console = try Console(
            store.layout, limits: .init(time: .seconds(5), rows: 1000, bytes: 8 << 20))
        frame = PageFrame(assets: assets)
    }

    package func answer(_ request: PageRequest) -> PageAnswer {
        do {
            switch request.path {
            case ["data.csv"]: return data(request) { .csv($0.csv) }
            case ["data.json"]: return data(request) { .json($0.json) }
            case ["favicon.ico"]: return .text("", status: 404)
            default:
                guard let page = try page(request) else {
                    return missing(
                        "There is no page \(PageLink("/" + request.path.joined(separator: "/"), request.fields).text)."
                    )
                }
                return .html(
                    frame.html(page.title, try page.fragments(of: store).map(\.markup)))
            }
        } catch {
            return failure("The store cannot be read: \(error)", status: 500)
        }
    }

    /// The fragments with these names, as they are now.
    package func fragments(named names: [String]) throws -> [(name: String, html: String)] {
        let pages = Set(names.map { String($0.prefix { $0 != "#" }) })
        return try pages.sorted().flatMap { address -> [(name: String, html: String)] in
            let parts = address.split(separator: "?", maxSplits: 1).map(String.init)
            guard let path = parts.first,
                // As if from another site, so that no query runs each time that the store changes.
                let request = PageRequest(
                    path: path, query: parts.count > 1 ? parts[1] : "", isForeign: true),
                let page = try page(request)
            else { return [] }
            return try page.fragments(of: store).compactMap { fragment in
                guard let name = fragment.name, names.contains(name) else { return nil }
                return (name, fragment.markup.source)
            }
        }
    }

    /// `nil` if there is no such page.
    private func page(_ request: PageRequest) throws -> (any Page)? {
        let path = request.path
        switch path.first {
        case nil: return RunsPage(request)
        case "sql" where path.count == 1: return SQLPage(request, console)
        case "run" where (2...3).contains(path.count):
            guard let number = Int64(path[1]), let run = try run(number) else { return nil }
            if path.count == 2 { return RunPage(run) }
            if path[2] == "traces" { return TracesPage(run, request) }
            guard path[2] == "stage", let id = request["id"] else { return nil }
            return try StagePage(id, of: run, in: store)
        default: return nil
        }
    }

    private func missing(_ text: String) -> PageAnswer { failure(text, status: 404) }

    private func failure(_ text: String, status: Int) -> PageAnswer {
        .html(
            frame.html(status == 404 ? "Not found" : "Error", [Markup("p", [:], [Markup(text)])]),
            status: status)
    }

    private func run(_ number: Int64) throws -> RunRecord? {
        try store.runs().first { $0.id.rawValue == number }
    }

    /// The rows of a query of the reader.
    private func data(_ request: PageRequest, _ format: (Table) -> PageAnswer) -> PageAnswer {
        guard let sql = request["q"] else {
            return .text("The field q, the query, is missing.\n", status: 400)
        }
        guard !request.isForeign else {
            return .text("Another site may not run a query. Open it at /sql.\n", status: 403)
        }
        do throws(ConsoleError) {
            let answer = try console.run(sql)
            return format(Table(columns: answer.columns, rows: answer.rows))
        } catch {
            return .text("\(error)\n", status: 400)
        }
    }
}

/// A page of the dashboard.
protocol Page {
    var title: String { get }
    func fragments(of store: Store) throws -> [Fragment]
}
