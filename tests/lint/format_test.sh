#!/usr/bin/env bash
# Every C++ file is as ./dev format leaves it. Run from the repository's root.
set -euo pipefail

mapfile -d '' files < <(find store api server tests fixtures \
  \( -name '*.h' -o -name '*.cpp' \) -not -path '*/node_modules/*' -print0)
if ((${#files[@]} == 0)); then
  echo 'no C++ files found; run this from the root of the repository' >&2
  exit 1
fi
if ! clang-format-14 --dry-run --Werror "${files[@]}"; then
  echo './dev format mends this.' >&2
  exit 1
fi
