#!/usr/bin/env python3
"""Starts the SFT trainer of TRL, but fails if the file of its configuration has a field that TRL does not know.

    python3 sft_trainer.py --config CONFIG

`python3 -m trl.scripts.sft` ignores such fields.
"""

from trl.scripts.sft import main, make_parser

if __name__ == "__main__":
    main(*make_parser().parse_args_and_config(fail_with_unknown_args=True))
