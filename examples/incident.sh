#!/usr/bin/env bash
# Walks through an incident by the API, as a team would: Alertmanager reports an alert -> the incident has an owner ->
# acknowledged -> handed over with a reason -> a diagnosis in the timeline -> the deployment that fixes it -> the alert is
# over -> a person resolves it. Then it checks every step in the timeline and in the event log.
#
#   TOKEN=hb_... examples/incident.sh [http://127.0.0.1:8080]
#
# TOKEN     an admin token
# DISTURB   a command to run between the steps, for example one that kills the server and starts it again
#
# Each request is repeated until it is answered, so the server may stop at any time. Needs bash, curl, openssl and python3.
set -euo pipefail

HB=${1:-http://127.0.0.1:8080}
: "${TOKEN:?set it to an admin token}"
KEY=${KEY:-I$(date +%s | tail -c 7)}
RUN="$KEY-$$"

step() {
    printf '\n== %s\n' "$*"
    if [ -n "${DISTURB:-}" ]; then bash -c "$DISTURB"; fi
}
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }

# Repeats a request until it is answered; prints the body of the answer, and fails if the request is refused.
request() {
    local answer status
    for _ in $(seq 600); do
        answer=$(curl --silent --max-time 60 --write-out '\n%{http_code}' "$@") || true
        status=${answer##*$'\n'}
        case "$status" in
            2*) printf '%s' "${answer%$'\n'*}"; return 0 ;;
            000 | 429 | 5*) sleep .3 ;;
            *) printf '%s: %s\n' "$status" "${answer%$'\n'*}" >&2; return 1 ;;
        esac
    done
    fail "nothing answers at $HB"
}
get() { request -H "Authorization: Bearer $TOKEN" "$HB$1"; }
# Sends a POST as somebody: token, path, body. Its repeats have the same key.
post_as() {
    request -X POST -H "Authorization: Bearer $1" -H 'Content-Type: application/json' \
        -H "Idempotency-Key: $RUN-$(openssl rand -hex 12)" -d "${3:-{\}}" "$HB$2"
}
post() { post_as "$TOKEN" "$@"; }
# Evaluates a Python expression on the JSON `d` from standard input.
pick() { python3 -c "import json,sys; d=json.load(sys.stdin); v=$1; print('' if v is None else v if isinstance(v,str) else json.dumps(v,ensure_ascii=False))"; }
expect() { [ "$2" = "$3" ] || fail "$1: expected $3, saw $2"; }

# A new member with a token: name, role. Sets MEMBER and MEMBER_TOKEN; a token's secret is shown once, so it has no key.
member() {
    MEMBER=$(post /v1/members "{\"name\": \"$1\", \"email\": \"$1-$RUN@example.com\", \"role\": \"$2\"}" | pick "d['id']")
    MEMBER_TOKEN=$(request -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
        -d "{\"name\": \"$1 $RUN\", \"role\": \"$2\", \"member_id\": \"$MEMBER\"}" "$HB/v1/tokens" | pick "d['secret']")
}
# What Alertmanager sends about the group: its state, and when the alert ended.
alertmanager() {
    request -X POST -H "Authorization: Bearer $INGEST" -H 'Content-Type: application/json' -d '{
        "version": "4", "groupKey": "{}:{alertname=\"HighErrorRate\"}", "truncatedAlerts": 0, "status": "'"$1"'", "receiver": "hearback",
        "groupLabels": {"alertname": "HighErrorRate"}, "commonLabels": {"alertname": "HighErrorRate", "severity": "critical"},
        "commonAnnotations": {"summary": "Payments fail"}, "externalURL": "http://alertmanager.example.com", "alerts": [{
            "status": "'"$1"'", "labels": {"alertname": "HighErrorRate", "service": "checkout", "severity": "critical"},
            "annotations": {"summary": "Payments fail"}, "startsAt": "'"$STARTED"'", "endsAt": "'"$2"'",
            "generatorURL": "http://prometheus.example.com", "fingerprint": "9f2d8e5c3b1a7640"}]
    }' "$HB/v1/hooks/alertmanager?product=$KEY"
}

step "A product, a team, and a token for Alertmanager"
post /v1/products "{\"key\": \"$KEY\", \"name\": \"Paylo $KEY\"}" >/dev/null
member Ada admin; ADA_TOKEN=$MEMBER_TOKEN
member Bo developer; BO=$MEMBER BO_TOKEN=$MEMBER_TOKEN
INGEST=$(request -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
    -d "{\"name\": \"alertmanager $RUN\", \"role\": \"ingest\"}" "$HB/v1/tokens" | pick "d['secret']")
STARTED=$(date -u -d '2 minutes ago' +%Y-%m-%dT%H:%M:%SZ)
NEVER=0001-01-01T00:00:00Z

step "Alertmanager reports that payments fail"
NUMBER=$(alertmanager firing $NEVER | pick "d['number']")
AT="/v1/incidents/$NUMBER"
get "$AT" | pick "d['number'] + ' is owned by ' + d['owner_id'] + ': ' + d['owner_because']"
expect "the state" "$(get "$AT" | pick "d['state']")" open

step "It sends the same again: nothing changes"
expect "the incident" "$(alertmanager firing $NEVER | pick "d['number']")" "$NUMBER"
expect "its alerts" "$(get "$AT" | pick "d['alert_count']")" 1

step "Ada takes it over, and acknowledges it"
if [ "$(get "$AT" | pick "d['owner_id']")" != "$(request -H "Authorization: Bearer $ADA_TOKEN" "$HB/v1/me" | pick "d['member']['id']")" ]; then
    post_as "$ADA_TOKEN" "$AT/hand-offs" '{"member_id": "me", "reason": "shift_end"}' >/dev/null
fi
expect "the state" "$(post_as "$ADA_TOKEN" "$AT/acknowledge" | pick "d['state']")" acknowledged

step "She offers it to Bo, who knows the checkout; she owns it until Bo accepts"
OFFER=$(post_as "$ADA_TOKEN" "$AT/hand-offs" "{\"member_id\": \"$BO\", \"reason\": \"need_skill\", \"text\": \"The checkout is yours.\"}" | pick "d['id']")
[ "$(get "$AT" | pick "d['owner_id']")" != "$BO" ] || fail "Bo owns it before accepting"
expect "the owner" "$(post_as "$BO_TOKEN" "$AT/hand-offs/$OFFER/accept" | pick "d['owner_id']")" "$BO"

step "Bo finds the cause, and deploys the fix"
post_as "$BO_TOKEN" "$AT/timeline" '{"kind": "diagnosis", "text": "No free connections to the database.", "confirmed": true}' >/dev/null
FIX=$(post_as "$BO_TOKEN" /v1/deployments "{\"product\": \"$KEY\", \"revision\": \"5d1c2a\", \"external_id\": \"fix-$RUN\"}" | pick "d['id']")
post_as "$BO_TOKEN" "$AT/links" "{\"target_kind\": \"deployment\", \"target_id\": \"$FIX\", \"kind\": \"fixed_by\"}" >/dev/null

step "The alert is over: automation mitigates, and only a person resolves"
alertmanager resolved "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >/dev/null
expect "the state" "$(get "$AT" | pick "d['state']")" mitigated
expect "the state" "$(post_as "$BO_TOKEN" "$AT/resolve" | pick "d['state']")" resolved

step "What happened"
get "$AT/timeline?limit=200" | python3 -c "
import json, sys
for entry in json.load(sys.stdin)['data']:
    print(entry['happened_at'][:19], entry['kind'].ljust(12), entry['text'] or json.dumps(entry['data']))"
KINDS=$(get "$AT/timeline?limit=200" | pick "' '.join(sorted({entry['kind'] for entry in d['data']}))")
for kind in ack alert deployment diagnosis hand_off status; do
    case " $KINDS " in *" $kind "*) ;; *) fail "no entry $kind in the timeline: $KINDS" ;; esac
done
get "/v1/incidents/figures?product=$KEY" | pick "'incidents: %s, finger-pointing index: %s' % (d['incidents'], d['finger_pointing_index'])"
expect "incidents" "$(get "/v1/incidents/figures?product=$KEY" | pick "d['incidents']")" 1
ID=$(get "$AT" | pick "d['id']")
for kind in opened acknowledged hand_off_offered hand_off_accepted owner_changed diagnosed mitigated resolved; do
    [ -n "$(get "/v1/events?subject=$ID&kind=incident.$kind" | pick "d['data'][0]['id']")" ] || fail "no event incident.$kind"
done
printf '\nThe incident was walked through.\n'
