extension Subject {
    /// Small files that can be read.
    var examples: [[UInt8]] { texts.map { [UInt8]($0.utf8) } + binaries }

    private var binaries: [[UInt8]] {
        guard self == .safetensors else { return [] }
        let headers = [
            #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}}"#,
            #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#,
            "{}",
        ]
        return headers.enumerated().map { index, header in
            let length = UInt64(header.utf8.count)
            return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
                + Array(header.utf8) + [UInt8](repeating: 7, count: [12, 4, 0][index])
        }
    }

    private var texts: [String] {
        switch self {
        case .pipeline: Self.pipelines
        case .records, .rows:
            [
                """
                {"id":"q-1","task":"countdown","text":"1 2 : 3","answer":"1 + 2","level":1,"split":"train","source":"g"}

                {"id":"q-2","task":"t","text":"2 2 : 4","answer":null,"level":null,"split":"test","source":"g"}\r
                """,
                #"{"question":"q-1","sample":2,"trace":"1 + 2 \"\u00e9\ud83d\ude00\"","ids":[1,2],"tokens":2,"finish":"length","log_prob":-1.5e-3,"sampled_log_prob":null}"#,
                #"{"question":"q","task":"t","text":"x","level":1,"trace":"z","answer":"a","weight":1.0,"source":"trace","sample":3}"#,
            ]
        case .questions:
            [
                #"{"text":"1 2 : 3","solution":{"final":"1 + 2","steps":[1,2.5]},"level":"3","id":7,"from":["web"]}"#,
                #"{"text":"x","solution":{"final":null},"level":null,"id":null,"from":[null,true,false,{"a":[]}]}"#,
            ]
        case .configuration:
            [
                #"{"model_type":"qwen2","vocab_size":32,"hidden_size":8,"intermediate_size":16,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1,"max_position_embeddings":64,"rms_norm_eps":1e-6,"rope_theta":10000.0,"tie_word_embeddings":true,"eos_token_id":[1,2]}"#,
                #"{"model_type":"qwen3","vocab_size":32,"hidden_size":8,"intermediate_size":16,"num_hidden_layers":1,"num_attention_heads":2,"num_key_value_heads":2,"head_dim":4,"max_position_embeddings":64,"rope_parameters":{"rope_type":"default","rope_theta":1e6},"layer_types":["full_attention"],"use_sliding_window":false,"eos_token_id":3,"hidden_act":"silu","attention_bias":false}"#,
            ]
        case .tokenizer: [Self.bytePairs, Self.words]
        case .message:
            [
                #"{"progress":{"done":1,"total":2,"unit":"step"}}"#,
                #"{"metric":{"name":"loss","step":3,"value":0.5}}"#,
                #"{"metric":{"name":"loss","step":-3,"value":"nan"}}"#,
                #"{"log":{"text":"text"}}"# + "\n" + #"{"cancelled":{}}"#,
                #"{"ended":{"token":"t","status":1,"cpuSeconds":0.5,"peakMemory":7,"error":"x"}}"#,
                #"{"failed":"why"}"# + "\n" + #"{"checkpoint":{"step":4}}"#,
            ]
        case .job:
            [
                #"{"kind":"verify","options":{"a":1,"b":[true,null,"x",1.5]},"inputs":{"answers":["d"]},"outputs":{"verdicts":"o"},"work":"w","directory":"/","threads":2}"#
            ]
        case .argument:
            [
                "p", "./a//b/../c", "/", "1e300GB", "999999999999d",
                "9223372036854775807/9223372036854775807",
                "8000000000000000000/9000000000000000000", "1h30m", "2.5 GiB", "[1, 'a b', \"c\"]",
                "Run #3", "$${out.o} ${in.x.manifest}", "-0", "1.10", "12345678901234567890",
            ]
        case .lines:
            [
                #"{"metric":{"name":"loss","value":0.5}}"# + "\n"
                    + #"{"metric":{"name":"a","step":9223372036854775807,"value":-Infinity}}"#,
                #"{"progress":{"done":-1,"total":10,"unit":"step"}}"# + "\n"
                    + #"{"resumed":{"step":3}}"#,
                "12 (a b) c) S 3 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 777 0 5 0\n12 777 boot mark",
                "1: FLOCK  ADVISORY  WRITE 12 fe:00:345 0 EOF\n0::/a/b\n4:memory:/x\noom_kill 12",
                #"[{"input":"1","output":"1.50e3","testtype":"stdin"}]"#,
                #"{"fn_name":"f","inputs":[[1,["a"]]],"outputs":[[-0.5]]}"#,
            ]
        case .safetensors, .archive: []
        }
    }

    private static let pipelines = [
        """
        name: p
        description: &d "é ${params.a}"
        params: { a: 1, b: [1, 2.5, x], c: "${params.a}", unused: ~ }
        matrix: { seed: [0, 1] }
        stages:
          q:
            uses: ingest.countdown
            with: { train: 100, seed: "${matrix.seed}" }
            resources: { cpus: 2, memory: 2GB, time: 1h30m }
          base:
            uses: train.pretrain
            with: &w { steps: 10 }
          prior:
            uses: train.sft
            in: { model: base, data: q.demonstrations }
            with: *w
            matrix: { k: [1, 2] }
            needs: [q]
        """,
        """
        name: c
        stages:
          run:
            uses: command
            in:
              x: [y, z.out]
            with:
              run: [sh, -c, 'cat ${in.x} > ${out.o}/f', "$${HOME}"]
              outputs: [o]
          y: { uses: command, with: { run: [a] } }
          z:
            uses: command
            with:
              run:
                - |
                  text
                - >-
                  folded
                - !!str 12
            matrix: { shard: [a, b] }
        """,
        """
        name: j
        stages:
          q: { uses: ingest.jsonl, with: { files: [q.jsonl], text: a.b } }
          m: { uses: ingest.model, with: { directory: m } }
          t: { uses: sample.traces, in: { model: m, questions: q }, matrix: { s: [0, 1] }, with: { shard: "${matrix.s}/2" } }
        """,
    ]

    /// The spelling of each byte in byte-level vocabularies.
    package static let bytes: [String] = {
        var next: UInt32 = 256
        return (UInt32(0)..<256).map { byte in
            if (33...126).contains(byte) || (161...172).contains(byte) || (174...255).contains(byte)
            {
                return Unicode.Scalar(byte).map { String($0) } ?? ""
            }
            defer { next += 1 }
            return Unicode.Scalar(next).map { String($0) } ?? ""
        }
    }()

    /// A tokenizer.json with all bytes, the tokens `more`, these merges and added tokens.
    package static func bytePairs(
        vocabulary more: String = #","ab":256,"abab":257"#,
        merges: String = #"["a b",["ab","ab"]]"#,
        added: String =
            #"{"id":258,"content":"<end>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}"#,
        pattern: String = #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}"#
    ) -> String {
        let tokens = bytes.enumerated().map { number, text in
            let spelled = text == "\"" || text == "\\" ? "\\" + text : text
            return "\"\(spelled)\":\(number)"
        }
        return """
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[\(added)],"normalizer":null,\
            "pre_tokenizer":\(pattern),"post_processor":null,"decoder":{"type":"ByteLevel"},\
            "model":{"type":"BPE","vocab":{\(tokens.joined(separator: ","))\(more)},"merges":\(merges)}}
            """
    }

    private static let bytePairs = bytePairs()

    private static let words = """
        {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":{"type":"NFC"},\
        "pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,"decoder":null,\
        "model":{"type":"WordLevel","vocab":{"ab":0,"<unk>":1},"unk_token":"<unk>"}}
        """

    /// Pieces that mean something to the subject.
    package var words: [String] {
        let json = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\udc00", "null", "true",
            "NaN",
            "-Infinity", "1e999", "-0", "9223372036854775808", "18446744073709551616", "0.5",
            "\u{FEFF}",
            "\u{0}",
        ]
        switch self {
        case .pipeline:
            return [
                "&a ", "*a", "*", "<<: ", "? ", "- ", ": ", "!!int ", "!x ", "|", ">",
                "%YAML 1.1\n",
                "---\n", "...\n", "\t", "#", "'", "\"", "{", "}", "[", "]", ",", "${params.a}",
                "${matrix.k}", "${in.x}", "$${", "${", "name: ", "stages: ", "matrix: ", "uses: ",
                "needs: ", "1e999", "0x10", "9223372036854775808", "\u{FEFF}", "\u{202E}",
                "\u{1B}[31m",
                "\r\n", "\u{0}", "\u{85}", "~",
            ]
        case .safetensors:
            return json + ["\"F32\"", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "[0,8]"]
        case .tokenizer:
            return json + ["\"merges\"", "\"vocab\"", "\"a b\"", "\"ab\"", "\"id\"", "4294967296"]
        case .archive:
            return [
                "ustar", "../", "/", "path=", "GNU.sparse.major=1", "\u{0}", "size=9999999999",
                "0000000",
            ]
        default: return json
        }
    }
}
