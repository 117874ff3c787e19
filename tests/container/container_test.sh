#!/usr/bin/env bash
# Builds the image, looks at it, runs it, and holds the demonstration's conversation with the
# services of docker-compose.yml. Needs docker or podman (with podman-compose) and curl.
# The conversation alone, with a Carillon and a processor that run already:
#   tests/container/container_test.sh --conversation http://127.0.0.1:7464
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

deadline_s=60
passed=0
project=carillon-container-test-$$
container=$project-single
volume=$project-data
work=$(mktemp -d)

say() { printf '==> %s\n' "$*"; }
pass() {
  passed=$((passed + 1))
  printf 'ok %d - %s\n' "$passed" "$*"
}
fail() {
  printf 'not ok - %s\n' "$*" >&2
  exit 1
}
expect() { # WHAT ACTUAL EXPECTED-GLOB
  # shellcheck disable=SC2053  # the expectation is a pattern
  [[ $2 == $3 ]] || fail "$1: got '$2', expected '$3'"
  pass "$1"
}

# poll WHAT COMMAND...: until the command succeeds; fails after the deadline.
poll() {
  local what=$1 end=$((SECONDS + deadline_s))
  shift
  until "$@" >"$work/poll" 2>&1; do
    if ((SECONDS >= end)); then
      cat "$work/poll" >&2
      fail "$what: not within $deadline_s s"
    fi
    sleep 0.1
  done
  pass "$what"
}

# ---- the conversation ------------------------------------------------------------------------

# call METHOD PATH [BODY]: leaves the body in $work/body and prints the status.
call() {
  local data=()
  if (($# > 2)); then data=(-H 'Content-Type: application/json' -d "$3"); fi
  curl -sS -m 10 -o "$work/body" -w '%{http_code}' -X "$1" "${data[@]}" \
    -H "x-amz-chime-bearer: ${bearer:-}" "$endpoint$2"
}
# must STATUS METHOD PATH [BODY]
must() {
  local expected=$1 status
  shift
  status=$(call "$@")
  [[ $status == "$expected" ]] || fail "$1 $2: status $status, body $(cat "$work/body")"
}
# The one string value of this name in the last body.
value() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" "$work/body"; }
encode() { sed 's|:|%3A|g; s|/|%2F|g' <<<"$1"; }
token() { cat /proc/sys/kernel/random/uuid; }

send() { # CONTENT: prints the message id
  must 201 POST "/channels/$channel/messages" "{\"Content\":\"$1\",\"Type\":\"STANDARD\",
    \"Persistence\":\"PERSISTENT\",\"ClientRequestToken\":\"$(token)\"}"
  value MessageId
}
message_has() { # MESSAGE-ID TEXT...
  local text
  [[ $(call GET "/channels/$channel/messages/$1") == 200 ]] || return 1
  cat "$work/body"
  shift
  for text; do grep -qF "$text" "$work/body" || return 1; done
}
message_is_gone() {
  [[ $(call GET "/channels/$channel/messages/$1") == 40[34] ]]
}

converse() {
  endpoint=$1 bearer=''
  local app_instance user flow sent
  say "conversation with $endpoint"
  must 201 POST /app-instances "{\"Name\":\"demo\",\"ClientRequestToken\":\"$(token)\"}"
  app_instance=$(value AppInstanceArn)
  must 201 POST /app-instance-users "{\"AppInstanceArn\":\"$app_instance\",\"Name\":\"Alice\",
    \"AppInstanceUserId\":\"alice\",\"ClientRequestToken\":\"$(token)\"}"
  user=$(value AppInstanceUserArn)
  must 201 POST /channel-flows "{\"AppInstanceArn\":\"$app_instance\",\"Name\":\"filter\",
    \"ClientRequestToken\":\"$(token)\",\"Processors\":[{\"Name\":\"word-filter\",
    \"ExecutionOrder\":1,\"FallbackAction\":\"ABORT\",\"Configuration\":{\"Lambda\":{
    \"ResourceArn\":\"arn:aws:lambda:us-east-1:123456789012:function:word-filter\",
    \"InvocationType\":\"ASYNC\"}}}]}"
  flow=$(value ChannelFlowArn)
  bearer=$user
  must 201 POST /channels "{\"AppInstanceArn\":\"$app_instance\",\"Name\":\"general\",
    \"ClientRequestToken\":\"$(token)\"}"
  channel=$(encode "$(value ChannelArn)")
  must 200 PUT "/channels/$channel/channel-flow" "{\"ChannelFlowArn\":\"$flow\"}"
  pass 'app instance, user, channel flow and channel are created'

  sent=$(send 'my secret is safe')
  poll 'a masked message is sent' message_has "$sent" '"Value":"SENT"' 'my ****** is safe'
  sent=$(send 'nothing to hide')
  poll 'another passes as it is' message_has "$sent" '"Value":"SENT"' 'nothing to hide'
  sent=$(send 'buy spam')
  poll 'a denied message is gone' message_is_gone "$sent"
  must 200 GET "/channels/$channel/messages"
  if grep -q spam "$work/body"; then fail 'the denied message is listed'; fi
  expect 'two messages are listed' "$(grep -o '"MessageId"' "$work/body" | wc -l)" 2
}

# ---- the image -------------------------------------------------------------------------------

inspect() { "$engine" "$1" inspect --format "$2" "$3"; }

# run_single OPTIONS...: one container from the image, on a free port of this machine.
run_single() {
  "$engine" run -d --name "$container" -p 127.0.0.1::7464 "$@" carillon >/dev/null
  endpoint=http://$("$engine" port "$container" 7464/tcp | head -n 1)
  poll 'its health command succeeds' "$engine" exec "$container" /carillon ready --wait
  expect 'its health endpoint answers' "$(call GET /_carillon/health)" 200
}
session_is_open() { [[ $(curl -fsS -m 5 "$endpoint/_carillon/health") == *'"Sessions":1'* ]]; }
watch() {
  bearer=''
  local app_instance listener
  must 201 POST /app-instances "{\"Name\":\"watched\",\"ClientRequestToken\":\"$(token)\"}"
  app_instance=$(value AppInstanceArn)
  must 201 POST /app-instance-users "{\"AppInstanceArn\":\"$app_instance\",\"Name\":\"Alice\",
    \"AppInstanceUserId\":\"alice\",\"ClientRequestToken\":\"$(token)\"}"
  bearer=$(value AppInstanceUserArn)
  "$engine" exec "$container" /carillon listen --user "$bearer" --count 1 \
    --timeout "${deadline_s}s" >"$work/heard" &
  listener=$!
  poll 'somebody listens in it' session_is_open
  must 201 POST /channels "{\"AppInstanceArn\":\"$app_instance\",\"Name\":\"general\",
    \"ClientRequestToken\":\"$(token)\"}"
  wait "$listener" || fail "listen ended with $?"
  expect 'and hears of a membership' "$(cat "$work/heard")" '*"Type":"CREATE_CHANNEL_MEMBERSHIP"*'
}
stop_single() {
  "$engine" stop -t 10 "$container" >/dev/null
  expect 'it stops in order' "$(inspect container '{{.State.ExitCode}}' "$container")" 0
  "$engine" rm "$container" >/dev/null
}

test_image() {
  say 'building the image'
  engine_build carillon .
  expect 'runs as nobody in particular' "$(inspect image '{{.Config.User}}' carillon)" 65532:65532
  expect 'has a health command' "$(inspect image '{{json .Config.Healthcheck}}' carillon)" \
    '*"/carillon","ready","--wait"*'
  "$engine" create --name "$container" carillon >/dev/null
  expect 'holds no library but the C library' "$("$engine" export "$container" | tar -t |
    grep -oE '[^/]+\.so[.0-9]*$' | sort -u | tr '\n' ' ')" 'ld-linux*.so.[0-9] libc.so.6 libm.so.6 '
  "$engine" rm "$container" >/dev/null

  say 'a container without privileges or a writable root'
  run_single --read-only --tmpfs /tmp:rw,mode=1777 --cap-drop ALL
  watch
  stop_single

  say 'a container with a volume keeps its state'
  "$engine" volume create "$volume" >/dev/null
  run_single -v "$volume:/data" -e CARILLON_DATA=/data
  must 201 POST /app-instances "{\"Name\":\"kept\",\"ClientRequestToken\":\"$(token)\"}"
  stop_single
  run_single -v "$volume:/data" -e CARILLON_DATA=/data
  must 200 GET /app-instances
  expect 'the app instance is still there' "$(value Name)" kept
  stop_single
}

test_compose() {
  say 'docker-compose.yml'
  export CARILLON_PORT=${CARILLON_PORT:-17464}
  engine_compose -p "$project" up -d --build
  endpoint=http://127.0.0.1:$CARILLON_PORT
  # -f: an answer that is not 2xx is not yet the answer.
  poll 'Carillon is up' curl -fsS -m 5 "$endpoint/_carillon/health"
  poll 'the processor is up' engine_compose -p "$project" exec -T processor python3 -c \
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9001/health', timeout=2)"
  converse "$endpoint"
}

clean_up() {
  local status=$?
  if [[ -n ${engine:-} ]]; then
    if ((status != 0)); then
      "$engine" logs "$container" >&2 2>/dev/null || true
      engine_compose -p "$project" logs >&2 2>/dev/null || true
    fi
    "$engine" rm -f "$container" >/dev/null 2>&1 || true
    engine_compose -p "$project" down -v >/dev/null 2>&1 || true
    "$engine" volume rm "$volume" >/dev/null 2>&1 || true
  fi
  rm -rf "$work"
}
trap clean_up EXIT

if [[ ${1:-} == --conversation ]]; then
  converse "$2"
else
  # shellcheck source=tests/container/engine.sh
  . tests/container/engine.sh
  test_image
  test_compose
  say "image size: $(($(inspect image '{{.Size}}' carillon) / 1024)) KiB"
fi
printf '%d passed, 0 failed\n' "$passed"
