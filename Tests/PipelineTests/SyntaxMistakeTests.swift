import Testing

@Suite(.timeLimit(.minutes(10)))
struct SyntaxMistakeTests {
    @Test("An empty file says what a file needs")
    func emptyFileSaysWhatFile() {
        expect(
            """
            ⟦
            """,
            """
            lab/p.yaml:1:1: error: the file is empty
              write at least `name:` and `stages:`
            """
        )
    }

    @Test("A file of comments is empty")
    func fileCommentsEmpty() {
        expect(
            """
            ⟦# nothing
            """,
            """
            lab/p.yaml:1:1: error: the file is empty
              # nothing
              ^
              write at least `name:` and `stages:`
            """)
    }

    @Test("A tab as indentation is explained")
    func tabAsIndentationExplained() {
        expect(
            "name: p\nstages:\n⟦\tq: 1",
            """
            lab/p.yaml:3:1: error: YAML: a value cannot start with this character
              \tq: 1
              ^
              indent with spaces, not tabs; quote texts that start with `@`, `%` or a backtick
            """
        )
    }

    @Test("A second colon on a line is explained")
    func secondColonOnLineExplained() {
        expect(
            """
            name: a⟦: b
            """,
            """
            lab/p.yaml:1:8: error: YAML: mapping values are not allowed in this context
              name: a: b
                     ^
              quote texts that contain `: `, and check the indentation
            """)
    }

    @Test("An unclosed list is reported where it opens")
    func unclosedListReportedWhereItOpens() {
        expect(
            """
            name: p
            params:
              a: ⟦[1, 2
            stages: {}
            """,
            """
            lab/p.yaml:3:6: error: YAML: while parsing a flow sequence, did not find expected ',' or ']'
                a: [1, 2
                   ^
              close the list with `]`, and separate values with `,`
            """)
    }

    @Test("A wrong indentation is explained")
    func wrongIndentationExplained() {
        expect(
            """
            name: p
              stages⟦:
            """,
            """
            lab/p.yaml:2:9: error: YAML: mapping values are not allowed in this context
                stages:
                      ^
              quote texts that contain `: `, and check the indentation
            """)
    }

    @Test("An unknown alias is explained")
    func unknownAliasExplained() {
        expect(
            """
            name: ⟦*p
            """,
            """
            lab/p.yaml:1:7: error: YAML: found undefined alias
              name: *p
                    ^
              define the anchor `&name` first, or quote the text
            """)
    }

    @Test("A second document is refused")
    func secondDocumentRefused() {
        expect(
            """
            name: p
            ⟦---
            name: q
            """,
            """
            lab/p.yaml:2:1: error: YAML: the file contains more than one document
              ---
              ^
              remove this `---` and everything after it
            """)
    }

    @Test("A control character is refused")
    func controlCharacterRefused() {
        expect(
            "name: p⟦\u{1}",
            #"""
            lab/p.yaml:1:8: error: YAML: control characters are not allowed
              name: p�
                     ^
              remove the character, or write it as `\xNN`
            """#)
    }

    @Test("A repeated key is reported at its second place")
    func repeatedKeyReportedAtIts() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
              t:
                uses: train.sft
                in: { data: q }
                with: { learning_rate: 1e-3 }
              ⟦q:
                uses: weigh
            """,
            """
            lab/p.yaml:9:3: error: the key `q` appears twice, first on line 3
                q:
                ^
              remove one of the two
            """)
    }

    @Test("A repeated key inside braces is reported at its second place")
    func repeatedKeyInsideBracesReported() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
                with: { seed: 1, test: 2, ⟦seed: 3 }
            """,
            """
            lab/p.yaml:5:31: error: the key `seed` appears twice, first on line 5
                  with: { seed: 1, test: 2, seed: 3 }
                                            ^
              remove one of the two
            """)
    }

    @Test("A repeated key at the top is reported")
    func repeatedKeyAtTopReported() {
        expect(
            """
            name: p
            ⟦name: q
            stages:
              q:
                uses: ingest.countdown
            """,
            """
            lab/p.yaml:2:1: error: the key `name` appears twice, first on line 1
              name: q
              ^
              remove one of the two
            """)
    }

    @Test("A key that is a list is refused")
    func keyListRefused() {
        expect(
            """
            name: p
            stages:
              q:
                uses: ingest.countdown
            ? ⟦[a, b]
            : 1
            """,
            """
            lab/p.yaml:5:3: error: a key must be a text
              ? [a, b]
                ^
              write `key: value`
            """)
    }

    @Test("A control character after references and accents is placed by characters")
    func controlCharacterAfterReferences() {
        expect(
            """
            name: "é ${params.a} ${params.b}"
            description: "${params.a} ⟦\u{1}"
            """,
            """
            lab/p.yaml:2:27: error: YAML: control characters are not allowed
              description: "${params.a} \u{FFFD}"
                                        ^
              remove the character, or write it as `\\xNN`
            """)
    }
}
