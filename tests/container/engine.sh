# shellcheck shell=bash
# Sourced by ./dev image and container_test.sh: docker and podman under one name each.

# Docker where its daemon answers, else podman. CARILLON_ENGINE chooses.
engine_find() {
  local candidate
  for candidate in ${CARILLON_ENGINE:-docker podman}; do
    if command -v "$candidate" >/dev/null && "$candidate" info >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  echo "error: no container engine answers (tried ${CARILLON_ENGINE:-docker, podman})" >&2
  return 1
}

engine=$(engine_find)

# engine_build TAG FOLDER
engine_build() {
  local options=()
  # Podman's own image format has no place for a health command.
  if [[ $engine == podman ]]; then options=(--format docker); fi
  "$engine" build "${options[@]}" -t "$1" "$2"
}

engine_compose() {
  if [[ $engine == podman ]]; then podman-compose "$@"; else docker compose "$@"; fi
}
