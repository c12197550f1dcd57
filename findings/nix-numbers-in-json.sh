#!/usr/bin/env bash
# A number in JSON is another text, or another number, for each Debian release's Nix, and with it the hash of what is built.
# Nix 2.8.0 (Debian 12), 2.26.3 (13). The manual: toJSON gives a JSON representation of a value, fromJSON turns text into Nix values; of either changing between versions it says nothing.
#   1. toJSON of 1.0 is 1 for 2.8.0 and 1.0 for 2.26.3, of 1.0e10 it is 1e+10 and 10000000000.0. 0.1 is alike.
#   2. So a derivation that holds such a text has another path, and is built anew, or not found in a cache; one without is the same for both.
#   3. fromJSON of a whole number beyond 2^63 is a negative one for 2.8.0, without a word; 2.26.3 refuses it. sacct's DBIndex is such a number since 24.11.
#   4. The sum of the greatest integer and 1 is the least one for 2.8.0, an error for 2.26.3.
# So what goes into a derivation has whole numbers or text for its parameters, and numbers of other programs come as text.
# shellcheck source=findings/nix.sh
. "$(dirname "$(readlink -f "$0")")/nix.sh"
value() { nix "$1" eval --impure --raw --expr "toString ($2)" 2>messages || grep -oE 'outside of Nix integer range|integer overflow' messages | head -n 1; }
both() { echo "$(value root "$1") | $(value trixie "$1")"; }
path() { NIX_STORE=$work/one/store nix "$1" eval --impure --raw --expr "(derivation { name = \"a\"; system = \"x\"; builder = \"/b\"; parameters = $2; }).drvPath" --read-only 2>messages || tail -n 3 messages; }
holds "toJSON 1.0" "1 | 1.0" "$(both 'builtins.toJSON 1.0')"
holds "toJSON 1.0e10" "1e+10 | 10000000000.0" "$(both 'builtins.toJSON 1.0e10')"
holds "toJSON 0.1" "0.1 | 0.1" "$(both 'builtins.toJSON 0.1')"
holds "fromJSON 11355413820166801408" "-7091330253542750208 | outside of Nix integer range" "$(both 'builtins.fromJSON "11355413820166801408"')"
holds "9223372036854775807 + 1" "-9223372036854775808 | integer overflow" "$(both '9223372036854775807 + 1')"
same() { if [ "$(path root "$1")" = "$(path trixie "$1")" ]; then echo same; else echo other; fi; }
holds "paths of a derivation with toJSON { speed = 10; }" same "$(same 'builtins.toJSON { speed = 10; }')"
holds "with toJSON { speed = 1.0; }" other "$(same 'builtins.toJSON { speed = 1.0; }')"
holds "the first of them is a path" "$work/one/store" "$(path trixie 'builtins.toJSON { speed = 10; }' | grep -oE '^/.*/store')"
finish
