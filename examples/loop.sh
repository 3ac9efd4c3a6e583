#!/usr/bin/env bash
# Runs the whole loop through the API, as a team would: 200 feedback items from 60 customers -> themes and drafts ->
# accepted -> branch, pull request, merge -> release -> deployment -> customers are told -> half of them confirm, some
# reopen -> second round -> closed. Then it checks every step in the trace and in the event log.
#
#   TOKEN=hb_... GITHUB_SECRET=... examples/loop.sh [http://127.0.0.1:8080]
#
# TOKEN          an admin token
# GITHUB_SECRET  the server's HEARBACK_GITHUB_SECRET
# MAILDIR        if the server sends mail: the folder in which mails arrive, one file each (for example new/ of a Maildir).
#                Customers then answer by the links in their mails. Without it, an agent records their answers.
# DISTURB        a command to run between the steps, for example one that kills the server and starts it again
#
# Each request is repeated with the same Idempotency-Key until it is answered, so the server may stop at any time.
# Needs bash, curl, openssl and python3.
set -euo pipefail

HB=${1:-http://127.0.0.1:8080}
: "${TOKEN:?set it to an admin token}" "${GITHUB_SECRET:?set it to HEARBACK_GITHUB_SECRET of the server}"
KEY=${KEY:-L$(date +%s | tail -c 7)}
MAILDIR=${MAILDIR:-}
RUN="$KEY-$$"
answered=" "

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
# A unique id for each request; its repeats use the same one.
once() { printf '%s-%s' "$RUN" "$(openssl rand -hex 12)"; }
post() {
    request -X POST -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
        -H "Idempotency-Key: $(once)" -d "${2:-{\}}" "$HB$1"
}
# Evaluates a Python expression on the JSON `d` from standard input.
pick() { python3 -c "import json,sys; d=json.load(sys.stdin); v=$1; print('' if v is None else v if isinstance(v,str) else json.dumps(v,ensure_ascii=False))"; }
# Waits until a command prints the expected text.
until_is() {
    local expected=$1 what=$2 seen=''
    shift 2
    for _ in $(seq 300); do
        seen=$("$@") && [ "$seen" = "$expected" ] && return 0
        sleep 1
    done
    fail "$what: expected $expected, saw $seen"
}
# Sends a signed webhook of GitHub: event, body.
github() {
    local body=$2 delivery signature
    delivery=$(once)
    signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac "$GITHUB_SECRET" | sed 's/^.* //')
    request -X POST -H "X-GitHub-Event: $1" -H "X-GitHub-Delivery: $delivery" -H "X-Hub-Signature-256: sha256=$signature" \
        -H 'Content-Type: application/json' -d "$body" "$HB/v1/hooks/github?product=$KEY" >/dev/null
}
stage() { get "/v1/stories/$STORY" | pick "d['stage']"; }
move() { post "/v1/stories/$STORY/transitions" "$1" | pick "d['stage']"; }

# Does the work of one round: branch, pull request, merge, trial, gates, release, deployment.
ship() {
    local round=$1 branch="feature/$(printf '%s' "$NUMBER" | tr '[:upper:]' '[:lower:]')-round-$1" pull
    pull=$(python3 - "$round" "$NUMBER" "$branch" <<'PY'
import json, sys
round, number, branch = sys.argv[1:]
pull = {"number": 100 + int(round), "title": f"{number}: round {round}", "body": f"Closes {number}.", "draft": False,
        "html_url": f"https://github.com/example/app/pull/{100 + int(round)}", "merged": False, "state": "open",
        "merge_commit_sha": None, "head": {"ref": branch, "sha": "a" * 39 + round}, "base": {"ref": "main"}}
print(json.dumps({"action": "opened", "number": pull["number"], "pull_request": pull,
                  "repository": {"full_name": "example/app", "html_url": "https://github.com/example/app", "default_branch": "main"},
                  "sender": {"login": "dev"}}))
PY
)
    step "Round $round: a branch and a pull request name $NUMBER"
    github create "{\"ref\": \"$branch\", \"ref_type\": \"branch\", \"repository\": {\"full_name\": \"example/app\", \"html_url\": \"https://github.com/example/app\"}}"
    github pull_request "$pull"
    until_is building 'the opened pull request' stage
    step "Round $round: the pull request is merged"
    pull=$(printf '%s' "$pull" | python3 -c "
import json, sys
d = json.load(sys.stdin)
d['action'] = 'closed'
d['pull_request'].update(merged=True, state='closed', merge_commit_sha='b' * 39 + '$round')
print(json.dumps(d))")
    github pull_request "$pull"
    until_is testing 'the merged pull request' stage

    step "Round $round: a trial, the gate, ready"
    post "/v1/stories/$STORY/trials" '{"kind": "trial", "tried_by": "A pilot customer", "verdict": "passed"}' >/dev/null
    if [ "$(get "/v1/stories/$STORY/gates" | pick "d['data'][0]['state']")" = open ]; then
        post "/v1/stories/$STORY/gates/security_review/sign" "{\"member_id\": \"$MEMBER\", \"evidence\": \"Reviewed, nothing found.\"}" >/dev/null
    fi
    move '{"to": "ready"}'

    step "Round $round: release 1.$round.0, frozen, shipped, in production"
    RELEASE=$(post /v1/releases "{\"product\": \"$KEY\", \"name\": \"1.$round.0\"}" | pick "d['id']")
    post "/v1/releases/$RELEASE/stories" "{\"story_ids\": [\"$STORY\"]}" >/dev/null
    post "/v1/releases/$RELEASE/freeze" >/dev/null
    post "/v1/releases/$RELEASE/ship" >/dev/null
    post /v1/deployments "{\"product\": \"$KEY\", \"release\": \"1.$round.0\", \"external_id\": \"$RUN-deploy-$round\"}" >/dev/null
    released=$(get "/v1/stories/$STORY" | pick "d['released_at'] is not None and d['round']")
    [ "$released" = "$round" ] || fail "the story was not released: $released"
}

# Lists the closures of a round, one per line: id, state, channel.
closures() {
    local cursor=''
    while :; do
        page=$(get "/v1/stories/$STORY/closures?limit=200${cursor:+&cursor=$cursor}")
        printf '%s' "$page" | python3 -c "
import json, sys
for c in json.load(sys.stdin)['data']:
    if c['round'] == $1: print(c['id'], c['state'], c['channel'])"
        cursor=$(printf '%s' "$page" | pick "d['next_cursor']")
        [ -n "$cursor" ] || break
    done
}
in_state() { closures "$1" | awk -v s="$2" '$2 == s' | wc -l; }

# Answers by the links in the mails, each once; `$2` of ten answers are "not solved".
answer_mails() {
    local unhappy=$2 n=0 file link
    for file in "$MAILDIR"/*; do
        [ -f "$file" ] || continue
        case "$answered" in *" $(basename "$file") "*) continue ;; esac
        answered="$answered$(basename "$file") "
        link=$(python3 - "$file" <<'PY'
import email, email.policy, re, sys
mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
found = re.search(r"https?://\S+/answer/[\w.~-]+", mail.get_body(("plain",)).get_content())
print(found.group(0) if found else "")
PY
)
        [ -n "$link" ] || continue
        link="$HB/answer/${link##*/answer/}"
        # Opening the page, as a mail scanner does, must change nothing.
        request "$link" >/dev/null || true
        if [ $((n % 10)) -lt "$unhappy" ]; then
            request -X POST --data-urlencode 'answer=not_solved' --data-urlencode 'because=It still happens on my phone.' "$link" >/dev/null || true
        elif [ $((n % 2)) = 0 ] || [ "$unhappy" = 0 ]; then
            request -X POST --data-urlencode 'answer=solved' "$link" >/dev/null || true
        fi
        n=$((n + 1))
    done
}
# Records the answers of customers whom an agent tells.
answer_by_agent() {
    local unhappy=$2 n=0 id state channel
    while read -r id state channel; do
        case "$state" in waiting | told) ;; *) continue ;; esac
        [ -z "$MAILDIR" ] || [ "$channel" != email ] || continue
        if [ $((n % 10)) -lt "$unhappy" ]; then
            post "/v1/closures/$id/answer" '{"solved": false, "because": "It still happens on my phone."}' >/dev/null
        elif [ $((n % 2)) = 0 ] || [ "$unhappy" = 0 ]; then
            post "/v1/closures/$id/answer" '{"solved": true}' >/dev/null
        fi
        n=$((n + 1))
    done < <(closures "$1")
}

step "A product with a gate, and a member who signs it"
MEMBER=$(post /v1/members "{\"name\": \"Security\", \"email\": \"security-$RUN@example.com\", \"role\": \"developer\"}" | pick "d['id']")
PRODUCT=$(post /v1/products "{\"key\": \"$KEY\", \"name\": \"Loop $KEY\", \"settings\": {\"recall_minutes\": 0, \"gates\": [{\"key\": \"security_review\", \"title\": \"Security review\", \"stage\": \"ready\"}]}}" | pick "d['id']")
echo "product $KEY $PRODUCT"

step "200 feedback items from 60 customers"
for part in 0 1 2 3; do
    body=$(python3 - "$part" "$KEY" <<'PY'
import json, random, sys
part, key = int(sys.argv[1]), sys.argv[2]
rng = random.Random(part)
# A topic: beginnings, sentences and endings of its texts.
topics = [
    (["", "Hi, ", "Since the update ", "Again: "],
     ["the app crashes when I open the camera", "opening the camera crashes the app", "the camera makes the app crash",
      "app crash as soon as I tap the camera", "it crashes whenever the camera opens"],
     ["", ", every time", ", please fix", " on my phone", " and I lose my photo"]),
    (["", "안녕하세요, ", "저기요 ", "문의드려요. "],
     ["환불이 아직도 안 들어왔어요", "환불 신청했는데 환불이 안 돼요", "환불 언제 들어오나요", "환불이 너무 늦어요", "환불금이 입금되지 않았어요"],
     ["", " 2주째예요", " 빨리 해주세요", " ㅠㅠ", " 확인 부탁드립니다"]),
    (["", "Hello, ", "Help: ", "Still "],
     ["I never get the login code", "the login code does not arrive", "no login code by text message",
      "the sms with the login code comes too late", "waiting for the login code"],
     ["", " by sms", ", so I can't sign in", " for ten minutes", ". Please resend"]),
    (["", "어제부터 ", "업데이트 후 ", "계속 "],
     ["알림이 두 번씩 와요", "푸시 알림이 두번 와요", "같은 알림이 두 번 와요", "알림이 중복으로 와요", "똑같은 알림이 두 번씩 울려요"],
     ["", " 고쳐주세요", " 시끄러워요", " 왜 그런가요", " ㅡㅡ"]),
    (["", "Please: ", "Feature request: ", "My wish: "],
     ["add a dark mode", "a dark mode would be nice", "we need a dark mode", "I want dark mode", "when will there be a dark mode"],
     ["", ", my eyes hurt at night", " for the app", ", thanks", " like everyone else has"]),
]
items = []
for n in range(part * 50, part * 50 + 50):
    text = "".join(rng.choice(part) for part in topics[n % 5 if n % 3 else 0])
    customer = n % 60
    items.append({"product": key, "text": text, "source": "ticket", "origin": f"desk-{key}", "external_id": str(n),
                  "customer": {"external_id": f"c{customer}", "email": f"c{customer}@{key.lower()}.example.com",
                               "account": {"name": f"Account {customer % 12}"}}})
print(json.dumps({"feedback": items}))
PY
)
    post /v1/feedback/batch "$body" | pick "[sum(r['status'] == s for r in d['results']) for s in (201, 200, 422)]"
done

step "Grouped into themes, drafted as stories"
pending() { get /v1/grouping | pick "d['pending']"; }
until_is 0 'grouping' pending
drafted() { get "/v1/stories?product=$KEY&sort=priority" | pick "len(d['data']) > 0"; }
until_is true 'drafts' drafted
get "/v1/stories?product=$KEY&sort=priority&limit=5" | python3 -c "
import json, sys
for s in json.load(sys.stdin)['data']: print(f\"{s['priority']['score']:8.1f} {s['number']:>10} {s['customer_count']:>4} customers  {s['title']}\")"
STORY=$(get "/v1/stories?product=$KEY&sort=priority&limit=1" | pick "d['data'][0]['id']")
NUMBER=$(get "/v1/stories/$STORY" | pick "d['number']")

step "$NUMBER is accepted"
move '{"to": "accepted"}'

ship 1
count=$(closures 1 | wc -l)
[ "$count" -gt 0 ] || fail "no customer is told"
step "Round 1: $count customers are told; most confirm, some answer that it is not solved"
told() { in_state 1 waiting; }
if [ -n "$MAILDIR" ]; then
    mailed() { closures 1 | awk '$3 == "email" && $2 == "waiting"' | wc -l; }
    until_is 0 'mails of round 1' mailed
    answer_mails 1 2
fi
answer_by_agent 1 2
closures 1 | awk '{ print $2 }' | sort | uniq -c
until_is building 'reopened by answers "not solved"' stage
confirmed=$(in_state 1 confirmed)
[ "$confirmed" -gt 0 ] || fail "nobody confirmed"

ship 2
second=$(closures 2 | wc -l)
[ "$second" -eq $((count - confirmed)) ] || fail "round 2 asks $second customers instead of the $((count - confirmed)) who had not confirmed"
step "Round 2: only the $second customers who had not confirmed are asked again, and all confirm"
if [ -n "$MAILDIR" ]; then
    mailed() { closures 2 | awk '$3 == "email" && $2 == "waiting"' | wc -l; }
    until_is 0 'mails of round 2' mailed
    answer_mails 2 0
fi
answer_by_agent 2 0
closures 2 | awk '{ print $2 }' | sort | uniq -c
[ "$(in_state 2 confirmed)" -eq "$second" ] || fail "not everyone confirmed"
until_is closed 'all customers have confirmed' stage

step "What a stakeholder reads of it"
report=$(post /v1/reports "{\"kind\": \"weekly\", \"product\": \"$KEY\", \"period\": {\"from\": \"$(date -u -d '6 days ago' +%F)\",
    \"to\": \"$(date -u -d tomorrow +%F)\"}}" | pick "d['id']")
get "/v1/reports/$report.md" | sed -n 1,5p
post "/v1/reports/$report/send" > /dev/null

step "The trace and the events of $NUMBER"
get "/v1/trace/$NUMBER" > "/tmp/trace-$RUN.json"
get "/v1/stories/$STORY/history?limit=200" | python3 -c "
import json, sys
print(' -> '.join(f\"{e['data'].get('from', '')}>{e['data']['to']}\" for e in json.load(sys.stdin)['data'] if 'to' in e['data']))"
python3 - "/tmp/trace-$RUN.json" <<'PY'
import json, sys
trace = json.load(open(sys.argv[1]))
totals = {k: v["total"] for k, v in trace.items() if isinstance(v, dict) and "total" in v}
print(", ".join(f"{n} {k}" for k, n in totals.items()))
missing = [k for k, n in totals.items() if not n]
if missing: sys.exit(f"FAILED: the trace has no {missing}")
PY
happened=$(cursor=''; while :; do
    page=$(get "/v1/events?product=$KEY&limit=200${cursor:+&cursor=$cursor}")
    printf '%s' "$page" | pick "'\n'.join(e['kind'] for e in d['data'])"
    cursor=$(printf '%s' "$page" | pick "d['next_cursor']")
    [ -n "$cursor" ] || break
done | sort | uniq -c)
printf '%s\n' "$happened"
for kind in feedback.created feedback.grouped story.drafted story.moved gate.signed link.created release.shipped \
    deployment.recorded closure.opened closure.told closure.confirmed closure.reopened; do
    grep -q " $kind$" <<<"$happened" || fail "the event log has no $kind"
done
rm -f "/tmp/trace-$RUN.json"
echo "CLOSED: $NUMBER; $count customers asked, $count confirmed."
