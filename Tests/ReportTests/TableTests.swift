import Foundation
import Report
import Store
import Testing

@Suite("Tables", .timeLimit(.minutes(10)))
struct TableTests {
    private let table = Table(
        columns: ["stage", "steps", "loss"],
        rows: [
            [.text("prior"), .integer(100), .real(1.25)],
            [.text("a, \"b\" | <c>\nd"), .integer(7), .null],
            [.null, .null, .real(.infinity)],
        ])

    @Test("Columns have one width, and numbers end together")
    func aligned() {
        #expect(
            table.text(as: .table) == #"""
                stage            steps  loss
                ---------------  -----  ----
                prior              100  1.25
                a, "b" | <c>\nd      7
                                         inf

                """#)
    }

    @Test("A table without rows still names its columns")
    func empty() {
        let table = Table(columns: ["a", "bc"], rows: [])
        #expect(table.aligned == "a  bc\n-  --\n")
        #expect(table.csv == "a,bc\n")
        #expect(table.json == "[]\n")
        #expect(table.markdown == "| a | bc |\n| --- | --- |\n")
    }

    @Test("Control characters are spelled out, so that data cannot steer the terminal")
    func controls() {
        let table = Table(columns: ["x"], rows: [[.text("\u{1B}[31m\tred\r")]])
        #expect(table.aligned == "x\n-----------------\n\\u{1b}[31m\\tred\\r\n")
    }

    @Test("CSV quotes what needs it and leaves nulls empty")
    func csv() {
        #expect(
            table.text(as: .csv)
                == "stage,steps,loss\nprior,100,1.25\n\"a, \"\"b\"\" | <c>\nd\",7,\n,,inf\n")
    }

    @Test("JSON is an object a line: NaN is null, infinities are texts")
    func json() {
        #expect(
            table.text(as: .json) == #"""
                [
                  {"stage": "prior", "steps": 100, "loss": 1.25},
                  {"stage": "a, \"b\" | <c>\nd", "steps": 7, "loss": null},
                  {"stage": null, "steps": null, "loss": "inf"}
                ]

                """#)
    }

    @Test("A column name that occurs again is numbered in JSON")
    func repeated() {
        let table = Table(columns: ["a", "a"], rows: [[.integer(1), .blob(Data(count: 3))]])
        #expect(table.json == "[\n  {\"a\": 1, \"a_2\": \"<3 bytes>\"}\n]\n")
    }

    @Test("Markdown aligns numbers and escapes what would break a cell")
    func markdown() {
        #expect(
            table.text(as: .markdown) == #"""
                | stage | steps | loss |
                | --- | ---: | ---: |
                | prior | 100 | 1.25 |
                | a, "b" \| \<c><br>d | 7 |  |
                |  |  | inf |

                """#)
    }
}
