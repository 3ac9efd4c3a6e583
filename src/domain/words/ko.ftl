### The texts for customers and members in Korean (Fluent syntax, https://projectfluent.org). `mod.rs` lists the messages;
### en.ftl has the same ones with the same arguments. PARTICLE gives the form of a particle after the word before it.

## A day, and what stands for a title that may quote a customer

date_of = { $year }년 { $month }월 { $day }일
neutral_title = 고객 요청 사항

## Subjects of mails to customers

subject_release = [{ $product }] 해결되었나요? { $title }
subject_decline = [{ $product }] 검토 결과 안내: { $title }
subject_roll_back = [{ $product }] 당분간 되돌립니다: { $title }

## Mails and pages

is_it_solved = 해결되었나요?
should_we_know = 저희가 더 알아야 할 것이 있나요?
tell_us_more = 더 알려 주기
this_is_changed = 이렇게 고쳤습니다.

## Mails to customers

mail_hello = 안녕하세요.
mail_hello_name = { $name } 님, 안녕하세요.
mail_told_on = { $date }에 이렇게 말씀해 주셨습니다.
mail_noted_on = { $date }에 불편하거나 부족한 점을 알려 주셨습니다.
mail_noted = 불편하거나 부족한 점을 알려 주셨습니다.
mail_changed_before = 이렇게 고치고 도움이 되었는지 여쭈었습니다.
mail_declined = 알려 주셔서 고맙습니다. 검토했지만 아래와 같은 이유로 진행하지 않기로 했습니다.
mail_taken_back = 고쳤다고 알려 드렸던 아래 내용을 당분간 되돌리게 되었습니다. 다시 적용되면 알려 드리겠습니다.
mail_in_release = { $release } 버전에 들어 있습니다.
mail_was_in_release = { $release } 버전에 들어 있던 내용입니다.
mail_answer = 답하기: 해결됨 / 해결되지 않음
mail_how_to_answer = 로그인 없이 한 번만 누르시면 됩니다. { $until }까지 답하실 수 있고, 해결되지 않았다고 적어 주신 내용은 담당 팀에 바로 전달됩니다.
mail_how_to_write = 답하지 않으셔도 됩니다. { $until }까지 로그인 없이 적어 주실 수 있고, 적어 주신 내용은 담당 팀에 바로 전달됩니다.
mail_why = 알려 주신 일에 대한 답으로만 보내 드리는 메일입니다.
mail_stop = 이런 메일을 더 받지 않으시려면:

## 장애나 당직을 맡아 달라고 부탁하는 메일

ask_hand_off = { $by } 님이 { $number } 장애를 넘겨받아 달라고 부탁했습니다.
ask_shift = { $by } 님이 당직을 대신 맡아 달라고 부탁했습니다.
ask_until = { $until }까지 답해 주세요. 답이 없으면 담당자가 그대로 맡습니다.
ask_somebody = 누군가
ask_why = 수락하기 전에는 아무것도 바뀌지 않습니다. 거절할 수도 있습니다.
ask_revisit = 솔루션 평가를 다시 검토할 때가 되었습니다.
ask_revisit_day = { $day }에 다시 검토하기로 했습니다. 결정이 아직 유효한가요?
ask_revisit_why = 이 평가의 결정자이거나 이 평가를 시작하신 분께 보냅니다. 날짜를 뒤로 정하면 다시 알려 드립니다.

## 장애 호출 메일

paging_subject = SEV{ $severity } { $number }: { $title }
paging_opened = 장애가 열렸는데 아직 아무도 확인하지 않았습니다.
paging_reopened = 장애가 다시 열렸는데 아직 아무도 확인하지 않았습니다.
paging_expired = 확인한 지 오래되었지만 아직 해결되지 않아 확인이 만료되었습니다.
paging_shift_ended = 장애를 확인한 당직자의 근무가 끝났지만 아직 해결되지 않았습니다.
paging_returned = 넘겨받겠다는 사람이 제때 없어 장애가 담당자에게 되돌아왔습니다.
paging_repeat = 모든 단계를 거쳤지만 아무도 확인하지 않아 다시 호출합니다.
paging_ask = 맡아서 처리한다면 장애를 확인해 주세요. 확인하면 호출이 멈춥니다.
paging_why_owner = 이 장애의 담당자여서 호출했습니다.
paging_why_rota = 이 제품의 당직표에 있어 호출했습니다.
paging_why_member = 이 제품의 호출 순서에 지정되어 있어 호출했습니다.
paging_why_product_owner = 제품 책임자이거나 관리자로서 대신 호출받았습니다.

## 구성원에게 보내는 콘솔 링크 메일

invitation_subject = Hearback 초대 링크
invitation_sentence = 이 링크로 비밀번호를 정하고 Hearback에 로그인할 수 있습니다. 7일 동안 한 번만 쓸 수 있습니다.
invitation_why = Hearback 관리자가 초대하여 보낸 메일입니다. 짐작 가는 일이 없으면 무시하셔도 됩니다.

## Mails to members who are mentioned in a note

mention_by_name = { $by } 님이 { $place } 메모에서 회원님을 언급했습니다.
mention_by_somebody = 누군가 { $place } 메모에서 회원님을 언급했습니다.
mention_story = 스토리
mention_case_of = { $number } 고객 건
mention_case = 고객 건
mention_feedback = 고객 의견
mention_customer = 고객
mention_why = 내부용 메모이니 고객에게 전달하지 마세요. 전체 내용은 위 주소 뒤에 /notes를 붙여 본인의 토큰으로 확인할 수 있습니다.

## Pages on which customers answer

page_told = 이렇게 말씀해 주셨습니다.
page_declined = 검토 결과 안내
page_taken_back = 당분간 되돌립니다
page_not_done = 검토했지만 진행하지 않기로 했습니다.
page_undone = 고쳤다고 알려 드렸던 내용을 당분간 되돌리게 되었습니다. 다시 적용되면 알려 드리겠습니다.
page_solved = 네, 해결되었습니다
page_not_solved = 아니요, 해결되지 않았습니다
page_understood = 알겠습니다
page_what_is_not_solved = 무엇이 해결되지 않았나요?
page_say_what_is_not_solved = 무엇이 해결되지 않았는지 적어 주세요.
page_say_more = 알려 주실 내용을 적어 주세요.
page_choose = 둘 중 하나를 골라 주세요.
page_too_long = 5,000자까지 적어 주세요.
page_thanks = 고맙습니다!
page_thanks_close = 이 페이지를 닫으셔도 됩니다.
page_thanks_solved = 해결되었다니 다행입니다. 이 페이지를 닫으셔도 됩니다.
page_thanks_for_words = 알려 주셔서 고맙습니다
page_words_are_with_the_team = 말씀하신 내용이 담당 팀에 전달되었습니다. 달라지면 다시 알려 드리겠습니다.
page_no_more_mail = 메일을 그만 받으시겠어요?
page_no_more_mail_means = 요청하신 일이 처리되어도 더 이상 메일을 보내지 않겠습니다.
page_stop_mail = 메일 그만 받기
page_unsubscribed = 더 이상 메일을 보내지 않습니다
page_unsubscribed_close = 이 페이지를 닫으셔도 됩니다.
page_answered = 이미 답하셨습니다
page_answered_once = 고맙습니다! 이 링크로는 한 번만 답하실 수 있습니다. 더 하실 말씀은 고객 지원에 알려 주세요.
page_gone = 더 이상 쓸 수 없는 링크입니다
page_gone_means = 기한이 지났습니다. 아직 해결되지 않았다면 고객 지원에 알려 주세요.
page_not_found = 페이지를 찾을 수 없습니다
page_not_found_means = 메일에 있는 링크 전체를 열어 주세요. 일부가 빠졌을 수 있습니다.
page_failed = 문제가 생겼습니다
page_failed_means = 잃어버린 것은 없습니다. 잠시 후 다시 시도해 주세요.
page_unreadable = 내용을 읽을 수 없습니다
page_unreadable_means = 뒤로 가서 다시 보내 주세요.

## Issues at a tracker, in Markdown

issue_as_a = - 누가: { $who }
issue_as_an = - 누가: { $who }
issue_i_want = - 바라는 것: { $what }
issue_so_that = - 이유: { $why }
issue_asked_for = 고객 { $customers }명이 피드백 { $feedback }건으로 요청했습니다.
issue_criteria = 인수 조건
issue_in_scope = 범위에 드는 것
issue_out_of_scope = 범위에 들지 않는 것
issue_words_stay = 고객이 한 말은 Hearback에만 있습니다.
issue_name_it = Hearback { $story }: 브랜치, 커밋, 풀 리퀘스트에 번호를 적어 주세요.

## Titles where customers share no more than one word, or none

numbered_fix = 문제 { $number }
numbered_build = 요청 { $number }
numbered_answer = 문의 { $number }
numbered_keep = 칭찬 { $number }
numbered_any = 의견 { $number }
about_fix = { $word } 문제
about_build = { $word } 요청
about_answer = { $word } 문의
about_keep = { $word } 칭찬
about_any = { $word } 의견

## Drafted stories

draft_customer = 고객
draft_customer_of = { $segment } 고객
draft_fix_untitled = 알린 문제가 해결되기를 원합니다
draft_build_untitled = 요청이 반영되기를 원합니다
draft_answer_untitled = 명확한 답을 원합니다
draft_keep_untitled = 좋은 점이 유지되기를 원합니다

# What is wanted.
want_observed = { $subject }{ PARTICLE($subject, "이/가") } { $request } 원합니다
want_customers = { $request } 원합니다
want_able = { $verb } 수 있기를 원합니다
want_no = { $matter }{ PARTICLE($matter, "이/가") } 없기를 원합니다
want_without = { $matter } 문제가 해결되기를 원합니다
want_have = { $matter }{ PARTICLE($matter, "을/를") } 이용할 수 있기를 원합니다
want_asked = { $matter } 관련 요청이 반영되기를 원합니다
want_know = { $matter }에 대해 쉽게 알 수 있기를 원합니다
want_stay = { $matter }{ PARTICLE($matter, "이/가") } 지금처럼 유지되기를 원합니다

# What can be observed then: the end of a criterion.
then_observed = { $subject }{ PARTICLE($subject, "이/가") } { $observed }
then_customers = { $observed }
then_able = 고객이 { $verb } 수 있다
then_no = { $matter }{ PARTICLE($matter, "이/가") } 발생하지 않는다
then_without = { $matter } 문제가 더 이상 발생하지 않는다
then_have = 고객이 { $matter }{ PARTICLE($matter, "을/를") } 이용할 수 있다
then_have_many = 고객이 { $matter }{ PARTICLE($matter, "을/를") } 이용할 수 있다
then_asked = { $matter } 관련 요청이 반영된다
then_know = 고객이 따로 문의하지 않고도 { $matter }에 대한 답을 찾는다
then_stay = { $matter }{ PARTICLE($matter, "이/가") } 지금처럼 유지된다
then_fixed = 고객이 알린 문제가 더 이상 발생하지 않는다
then_built = 고객이 요청한 것을 할 수 있다
then_answered = 고객이 따로 문의하지 않고도 답을 찾는다
then_kept = 고객이 칭찬한 점이 그대로 유지된다

# Criteria: the condition, then what can be observed, then how many customers said so.
criterion_given = { $given } { $then }
criterion_when = { $when } { $then }
criterion_both = { $given } { $when } { $then }
criterion_counted = { $text }. (고객 { $customers }명)
criterion_said = { $text }. ({ $times }회)
circumstance_version = 버전 { $value }에서
circumstance_on = { $value }에서
circumstance_in = { $value }에서
circumstance_after_update = 업데이트 후에도
circumstance_update = 업데이트 후
circumstance_tablet = 태블릿
circumstance_minutes = { $number }분
circumstance_hours = { $number }시간
circumstance_days = { $number }일
circumstance_weeks = { $number }주
circumstance_months = { $number }개월
scope_line = { $what } (고객 { $customers }명)
scope_said = { $what } ({ $times }회)

## Messages to chats in the format `full`: what they are about

chat_test = Hearback에서 보낸 시험 메시지입니다.
chat_theme = 테마 “{ $label }”
chat_release = 릴리스 { $name }
chat_some_theme = 테마
chat_some_release = 릴리스
chat_some_feedback = 피드백
chat_some_product = 제품
chat_some_story = 스토리
chat_incident = 장애 { $number }
chat_some_incident = 장애
owner_on_duty = 장애가 시작될 때의 당직자입니다.
owner_of_product = 당직자가 없어 제품 책임자가 맡습니다.
owner_first_admin = 당직자도 제품 책임자도 없어 첫 관리자가 맡습니다.
owner_hand_off = 인계를 수락했습니다.
owner_taken_over = 직접 맡았습니다.
owner_escalated = 제때 확인한 사람이 없어 상위로 올렸습니다.
owner_left = 이전 담당자가 더 이상 활동하지 않습니다.
incident_subject_start = { $product }: 문제를 확인하고 있습니다
incident_subject_end = { $product }: 문제가 해결되었습니다
incident_is_it_over = 이제 괜찮으신가요?
incident_call = { $number } 대응에 참여해 주세요(SEV{ $severity }).
incident_call_why = 내부용 메일이니 고객에게 전달하지 마세요.
postmortem_impact = SEV{ $severity }. 고객에게 미친 영향은 { $duration } 동안 이어졌습니다.
postmortem_impact_open = SEV{ $severity }. 아직 끝나지 않았습니다.
postmortem_services = 영향받은 서비스: { $services }.
postmortem_customers = 고객 { $customers }명이 이에 대해 말했습니다(피드백 { $feedback }건).
postmortem_detection = 감지: { $source }, { $at }. 등록까지 { $opened }.
postmortem_acknowledged = 감지 후 확인까지 { $duration }.
postmortem_deployment = { $at } 배포(서비스: { $service }).
incident_source = 
    { $source ->
        [person] 사람
        [alertmanager] Alertmanager
        [grafana] Grafana
        [pagerduty] PagerDuty
        [cdevents] CDEvents
        [sentry] Sentry
        [feedback] 고객 피드백
       *[other] { $source }
    }
postmortem_section_summary = 요약
postmortem_section_impact = 영향
postmortem_section_detection = 감지
postmortem_section_trigger = 발단
postmortem_section_root_causes = 근본 원인
postmortem_section_contributing_factors = 기여 요인
postmortem_section_resolution = 해결
postmortem_section_went_well = 잘된 점
postmortem_section_went_wrong = 아쉬운 점
postmortem_section_lucky = 운이 좋았던 점
postmortem_section_open_questions = 남은 질문
postmortem_heading_timeline = 타임라인
postmortem_heading_customers = 고객
postmortem_heading_actions = 조치
postmortem_facts_line = { $number }, SEV{ $severity }, { $duration }
postmortem_action_due = 기한 { $due }
chat_postmortem = { $number } 사후 분석
chat_some_postmortem = 사후 분석
chat_report = { $kind } 보고서
chat_some_report = 보고서
chat_some_subscription = 보고서 구독

## Words of the data of events, by `value-` and the word

value-draft = 초안
value-accepted = 채택
value-scoped = 범위 확정
value-designing = 설계
value-building = 개발
value-testing = 테스트
value-ready = 준비 완료
value-released = 출시
value-closing = 마무리
value-closed = 완료
value-declined = 반려
value-duplicate = 중복
value-release = 출시
value-decline = 반려
value-roll_back = 되돌림
value-succeeded = 성공
value-failed = 실패
value-rolled_back = 되돌림
value-scheduled = 예약됨
value-done = 완료됨
value-not_shipped = 릴리스가 아직 나가지 않음
value-ambiguous = 릴리스가 여럿임
value-branch = 브랜치
value-commit = 커밋
value-pull_request = 풀 리퀘스트
value-issue = 이슈
value-auto_reply = 자동 응답
value-bounce = 반송 메일
value-spam = 광고
value-test = 시험
value-greeting = 인사
value-nothing = 의견 없음
value-admin = 관리자
value-product = 제품
value-developer = 개발자
value-support = 지원
value-viewer = 조회
value-ingest = 수집
value-rename = 이름 변경
value-merge = 합치기
value-split = 나누기
value-mute = 끄기
value-unmute = 켜기
value-move = 옮기기
value-dismiss = 제외
value-restore = 복원
value-passed = 통과
value-mark_duplicate = 중복 표시
value-weekly = 주간
value-monthly = 월간
value-summary = 건수와 합계
value-unsubscribed = 수신 거부

## Events, by `event-` and their kind with - in place of the dot: the sentence of messages in the format `full`. `subject` is what it happened to, other gaps are fields of its data

event-access_review-signed = { $month } 접속 기록 점검에 서명했습니다.
event-account-created = 새 고객사가 등록되었습니다.
event-account-imported = 고객사를 가져왔습니다.
event-account-updated = 고객사 정보가 바뀌었습니다.
event-breach-closed = 개인정보 유출 건을 종결했습니다.
event-breach-noted = 개인정보 유출 건에 메모를 남겼습니다.
event-breach-notified = 개인정보 유출 통지를 보내고 기록했습니다.
event-breach-opened = 개인정보 유출 건(확인 또는 의심)을 열었습니다.
event-breach-overdue = 개인정보 유출 통지 기한이 지났습니다.
event-breach-reopened = 종결한 개인정보 유출 건을 다시 열었습니다.
event-breach-updated = 개인정보 유출 건의 내용이 바뀌었습니다.
event-closure-answer_undone = { $subject }: 잘못 기록된 고객 답변을 취소했습니다.
event-closure-assigned = { $subject }: 고객에게 알릴 담당이 정해졌습니다.
event-closure-confirmed = { $subject }: 고객이 확인했습니다.
event-closure-expired = { $subject }: 고객이 기한 안에 답하지 않았습니다.
event-closure-handed = { $subject }: 고객 안내를 지원 창구가 맡았습니다.
event-closure-imported = 고객 안내 기록을 가져왔습니다.
event-closure-opened = { $subject }: 고객 한 명에게 알릴 예정입니다({ $kind }).
event-closure-recalled = { $subject }: 고객에게 보낼 메시지를 회수했습니다.
event-closure-reinstated = { $subject }: 거둔 고객 안내를 되살렸습니다.
event-closure-reminded = { $subject }: 고객에게 다시 알렸습니다.
event-closure-reminder_due = { $subject }: 고객에게 다시 알릴 때가 되었습니다.
event-closure-reopened = { $subject }: 고객이 아직 해결되지 않았다고 합니다.
event-closure-resumed = { $subject }: 회수한 메시지를 다시 보냅니다.
event-closure-tell_undone = { $subject }: 잘못 기록된 고객 알림을 취소했습니다.
event-closure-told = { $subject }: 고객에게 알렸습니다.
event-closure-unreachable = { $subject }: 고객에게 연락할 수 없습니다.
event-closure-withdrawn = { $subject }: 고객 안내를 거두었습니다.
event-correction-imported = 수정 기록을 가져왔습니다.
event-correction-undone = 수정을 되돌렸습니다({ $kind }).
event-customer-bounced = 고객에게 보낸 메일이 되돌아왔습니다.
event-customer-consent_given = 고객에게 연락하는 근거를 기록했습니다.
event-customer-consent_withdrawn = 고객이 동의를 철회했거나 연락을 거부했습니다.
event-customer-created = 새 고객이 등록되었습니다.
event-customer-erased = 고객 정보를 지웠습니다.
event-customer-erasure_waits = 삭제 요청이 법적 보존이 끝나기를 기다립니다.
event-customer-imported = 고객을 가져왔습니다.
event-customer-merged = 두 고객을 하나로 합쳤습니다.
event-customer-unsubscribed = 고객이 메일 수신을 거부했습니다.
event-customer-updated = 고객 정보가 바뀌었습니다.
event-data_party-created = 개인정보 처리 기록에 추가했습니다({ $role }).
event-data_party-deleted = 개인정보 처리 기록에서 삭제했습니다({ $role }).
event-data_party-imported = 개인정보 처리 기록을 가져왔습니다.
event-data_party-updated = 개인정보 처리 기록이 바뀌었습니다.
event-dependency-closed = { $subject }: 필요한 외부 항목이 완료되었습니다.
event-dependency-created = { $subject }: 의존 관계가 추가되었습니다.
event-dependency-imported = 의존 관계를 가져왔습니다.
event-dependency-removed = { $subject }: 의존 관계가 삭제되었습니다.
event-dependency-reopened = { $subject }: 필요한 외부 항목이 다시 열렸습니다.
event-dependency-updated = { $subject }: 의존 관계가 바뀌었습니다.
event-deployment-held = { $subject }: 배포가 결정을 기다립니다({ $held }).
event-deployment-imported = 배포를 가져왔습니다.
event-deployment-recorded = { $subject }: 배포가 기록되었습니다({ $state }).
event-embedder-switched = 임베더가 바뀌었습니다.
event-evaluation-created = 솔루션 평가를 시작했습니다.
event-evaluation-decided = 솔루션 평가의 상태가 바뀌었습니다: { $to }
event-evaluation-imported = 솔루션 평가를 가져왔습니다.
event-evaluation-revisit_due = 솔루션 평가를 다시 검토할 때가 되었습니다.
event-evaluation-updated = 솔루션 평가가 바뀌었습니다.
event-feedback-created = 새 피드백이 등록되었습니다.
event-feedback-dismissed = 피드백을 제외했습니다.
event-feedback-embedded = 피드백을 다시 읽었습니다.
event-feedback-erased = 피드백 내용을 지웠습니다.
event-feedback-grouped = 피드백이 테마에 묶였습니다.
event-feedback-imported = 피드백을 가져왔습니다.
event-feedback-moved = 피드백을 다른 테마로 옮겼습니다.
event-feedback-restored = 피드백을 다시 포함했습니다.
event-feedback-set_aside = 피드백이 아닌 글을 따로 두었습니다({ $reason }).
event-feedback-taken_back = 따로 둔 글을 다시 피드백으로 봅니다.
event-feedback-transferred = 피드백을 다른 제품으로 옮겼습니다.
event-feedback-ungrouped = 비슷한 피드백이 아직 없어 테마에 묶지 않았습니다.
event-feedback-updated = 피드백이 바뀌었습니다.
event-gate-overridden = { $subject }: 서명되지 않은 관문을 통과했습니다.
event-gate-signed = { $subject }: 관문에 서명했습니다.
event-gate-withdrawn = { $subject }: 관문 서명을 거두었습니다.
event-import-created = 가져오기를 시작합니다.
event-import-finished = 가져오기가 끝났습니다({ $state }).
event-incident-acknowledged = { $subject }: 담당자가 확인했습니다.
event-incident-acknowledgement_expired = { $subject }: 확인이 만료되어 다시 호출합니다.
event-incident-alerted = { $subject }: 경보가 바뀌었습니다.
event-incident-customers_told = { $subject }: 고객에게 알렸습니다.
event-incident-diagnosed = { $subject }: 원인이 확인되었습니다.
event-incident-entry_added = { $subject }: 타임라인에 항목이 추가되었습니다.
event-incident-hand_off_accepted = { $subject }: 인계를 수락했습니다.
event-incident-hand_off_declined = { $subject }: 인계를 거절했습니다.
event-incident-hand_off_offered = { $subject }: 인계를 제안했습니다.
event-incident-hand_off_returned = { $subject }: 제때 수락한 사람이 없어 담당자가 그대로입니다.
event-incident-hand_off_withdrawn = { $subject }: 인계 제안을 거두었습니다.
event-incident-imported = 장애를 가져왔습니다.
event-incident-linked = { $subject }: 연결이 추가되었습니다.
event-incident-merged = { $subject }: 다른 장애와 합쳤습니다.
event-incident-mitigated = { $subject }: 완화되었습니다.
event-incident-opened = { $subject }: 장애가 시작되었습니다(SEV{ $severity }).
event-incident-owner_changed = { $subject }: 담당자가 바뀌었습니다.
event-incident-paged = { $subject }: 담당자를 호출했습니다.
event-incident-reopened = { $subject }: 다시 열렸습니다.
event-incident-repeat_found = { $subject }: 이전 장애와 비슷합니다. 그 사후 분석에 끝나지 않은 조치가 { $open_actions }건 있습니다.
event-incident-resolved = { $subject }: 해결되었습니다.
event-incident-swarm_called = { $subject }: 여러 구성원을 불렀습니다.
event-incident-unlinked = { $subject }: 연결을 삭제했습니다.
event-incident-updated = { $subject }: 내용이 바뀌었습니다.
event-incident_proposal-accepted = 제안된 장애를 열었습니다.
event-incident_proposal-created = 피드백이 급증하여 장애를 제안합니다.
event-incident_proposal-rejected = 제안된 장애를 거절했습니다.
event-issue-requested = { $subject }: 이슈를 요청했습니다.
event-issue-reworded = { $subject }: 이슈를 다시 씁니다.
event-legal_hold-ended = 법적 보존이 끝났습니다.
event-legal_hold-placed = 고객, 회사 또는 제품에 법적 보존을 걸었습니다.
event-link-created = { $subject }: 개발 항목이 연결되었습니다({ $kind }).
event-link-deleted = { $subject }: 개발 항목 연결이 지워졌습니다({ $kind }).
event-link-imported = 연결을 가져왔습니다.
event-link-updated = { $subject }: 연결된 개발 항목이 바뀌었습니다({ $kind }).
event-member-account_linked = 구성원이 회사 계정으로 처음 로그인했습니다.
event-member-created = 구성원이 추가되었습니다.
event-member-imported = 구성원을 가져왔습니다.
event-member-invited = 구성원을 초대했습니다({ $role }).
event-member-password_set = 구성원이 비밀번호를 정했습니다.
event-member-sign_in_failed = 로그인에 실패했습니다.
event-member-product_role_removed = 이 제품에서 구성원의 역할이 삭제되었습니다.
event-member-product_role_set = 이 제품에서 구성원의 역할이 설정되었습니다.
event-member-signed_in = 구성원이 로그인했습니다.
event-member-signed_out = 구성원의 기기에서 로그아웃했습니다.
event-member-updated = 구성원 정보가 바뀌었습니다.
event-metric-created = 지표를 만들었습니다.
event-metric-imported = 지표를 가져왔습니다.
event-metric-updated = 지표의 정의를 고쳤습니다.
event-note-created = 내부 메모를 남겼습니다.
event-note-deleted = 내부 메모를 지웠습니다.
event-note-edited = 내부 메모를 고쳤습니다.
event-note-imported = 내부 메모를 가져왔습니다.
event-person_request-copied = 정보주체에게 줄 개인정보 사본을 만들었습니다.
event-person_request-done = 정보주체의 요청에 답했습니다.
event-person_request-extended = 정보주체 요청의 답변 기한을 연장했습니다.
event-person_request-identity_checked = 요청한 사람의 본인 여부를 확인했습니다.
event-person_request-overdue = 정보주체 요청의 답변 기한이 지났습니다.
event-person_request-received = 정보주체의 요청을 받았습니다.
event-person_request-refused = 정보주체의 요청을 거절했습니다.
event-person_request-waits = 삭제 요청이 법적 보존이 끝나기를 기다립니다.
event-postmortem-action_added = { $subject }: 조치가 추가되었습니다.
event-postmortem-action_removed = { $subject }: 조치를 뺐습니다.
event-postmortem-drafted = { $subject } 초안이 만들어졌습니다.
event-postmortem-edited = { $subject }: 내용이 바뀌었습니다.
event-postmortem-imported = 사후 분석을 가져왔습니다.
event-postmortem-overdue = { $subject }: 기한이 지났습니다.
event-postmortem-published = { $subject }: 팀에 공개되었습니다.
event-postmortem-reopened = { $subject }: 다시 초안이 되었습니다.
event-postmortem-submitted = { $subject }: 검토할 수 있습니다.
event-product-archived = { $subject }: 제품을 보관했습니다.
event-product-checklist_adopted = 제품에 법령 점검표를 적용했습니다.
event-product-checklist_dropped = 제품에서 법령 점검표를 뺐습니다.
event-product-created = { $subject }: 제품이 만들어졌습니다.
event-product-escalation_changed = 제품 장애의 호출 순서가 바뀌었습니다.
event-product-refined = { $subject }: 테마를 다듬어 피드백 { $moved }건을 옮겼습니다.
event-product-refinement_requested = { $subject }: 테마를 다듬도록 요청했습니다.
event-product-restored = { $subject }: 보관한 제품을 되돌렸습니다.
event-product-updated = { $subject }: 제품 설정이 바뀌었습니다.
event-proposal-accepted = 제안을 받아들였습니다({ $kind }).
event-proposal-imported = 제안을 가져왔습니다.
event-proposal-opened = 새 제안이 있습니다({ $kind }).
event-proposal-outdated = 제안이 더는 맞지 않습니다.
event-proposal-rejected = 제안을 거절했습니다({ $kind }).
event-refinement-imported = 다듬기 기록을 가져왔습니다.
event-release-created = { $subject }{ PARTICLE($subject, "을/를") } 계획했습니다.
event-release-frozen = { $subject }{ PARTICLE($subject, "을/를") } 동결했습니다.
event-release-imported = 릴리스를 가져왔습니다.
event-release-rolled_back = { $subject }{ PARTICLE($subject, "을/를") } 되돌렸습니다.
event-release-shipped = { $subject }{ PARTICLE($subject, "을/를") } 내보냈습니다.
event-release-story_added = { $subject }: 스토리가 추가되었습니다.
event-release-story_missed = { $subject }: 준비되지 않은 스토리가 다음 릴리스로 넘어갔습니다.
event-release-story_removed = { $subject }: 스토리를 뺐습니다.
event-release-unfrozen = { $subject }: 동결을 풀었습니다.
event-release-updated = { $subject }{ PARTICLE($subject, "이/가") } 바뀌었습니다.
event-release-yanked = { $subject }{ PARTICLE($subject, "을/를") } 거두었습니다.
event-report-approved = { $subject }: 승인되었습니다.
event-report-deleted = 보고서 초안이 삭제되었습니다.
event-report-digest_due = { $subject }: 새로 나왔습니다.
event-report-edited = { $subject }: 머리말이 바뀌었습니다.
event-report-imported = 보고서를 가져왔습니다.
event-report-link_made = { $subject }: 공유 링크를 만들었습니다.
event-report-link_revoked = { $subject }: 공유 링크를 회수했습니다.
event-report-made = { $subject }: 만들어졌습니다.
event-report-sent = { $subject }: 발송되었습니다.
event-retention_rule-created = 보유 기간 규칙을 추가했습니다.
event-retention_rule-deleted = 보유 기간 규칙을 지웠습니다.
event-retention_rule-removed = 보유 기간이 지난 데이터를 지웠습니다.
event-retention_rule-updated = 보유 기간 규칙이 바뀌었습니다.
event-rota-created = 당직표를 만들었습니다.
event-rota-deleted = 당직표를 지웠습니다.
event-rota-imported = 당직표를 가져왔습니다.
event-rota-override_created = 당직을 대신 맡았거나 대신해 달라고 부탁했습니다.
event-rota-override_decided = 당직 교대 부탁을 받아들였거나 거절했거나 거두었습니다.
event-rota-updated = 당직표가 바뀌었습니다.
event-signoff-imported = 서명을 가져왔습니다.
event-story-blocker_declined = { $subject }: 다른 스토리가 필요로 하는데 거절되었습니다.
event-story-created = { $subject }: 스토리를 작성했습니다.
event-story-declined = { $subject }: 스토리를 반려했습니다.
event-story-drafted = { $subject }: 스토리 초안이 만들어졌습니다.
event-story-feedback_attached = { $subject }: 피드백을 붙였습니다.
event-story-feedback_detached = { $subject }: 피드백을 뗐습니다.
event-story-imported = { $subject }: 스토리를 가져왔습니다.
event-story-moved = { $subject }: { $from } 단계에서 { $to } 단계로 옮겼습니다.
event-story-overdue = { $subject }: 기한이 지났습니다.
event-story-quotes_confirmed = { $subject }: 인용된 문구를 확인했습니다.
event-story-recurred = { $subject }: 릴리스 후 새 피드백이 들어왔습니다.
event-story-reopened = { $subject }: { $from } 단계에서 { $to } 단계로 다시 열렸습니다.
event-story-reverted = { $subject }: 작업이 되돌려졌습니다.
event-story-roll_back_decided = { $subject }: 되돌린 사실을 알릴지 정했습니다.
event-story-tell_choice = { $subject }: 고객에게 알릴지 정했습니다.
event-story-theme_attached = { $subject }: 테마를 붙였습니다.
event-story-theme_detached = { $subject }: 테마를 뗐습니다.
event-story-updated = { $subject }: 스토리가 바뀌었습니다.
event-subscription-confirmed = { $subject }: 받는 사람이 확인했습니다.
event-subscription-created = 보고서 구독이 추가되었습니다.
event-subscription-ended = 보고서 구독이 해지되었습니다.
event-subscription-updated = { $subject }: 바뀌었습니다.
event-theme-imported = 테마를 가져왔습니다.
event-theme-merged = { $subject }{ PARTICLE($subject, "을/를") } 다른 테마로 합쳤습니다.
event-theme-muted = { $subject }: 알림 설정이 바뀌었습니다.
event-theme-opened = { $subject }: 새 테마가 생겼습니다.
event-theme-renamed = { $subject }: 테마 이름이 바뀌었습니다.
event-theme-split = { $subject }{ PARTICLE($subject, "을/를") } 나누었습니다.
event-token-created = 토큰을 만들었습니다({ $role }).
event-token-revoked = 토큰을 폐기했습니다.
event-trial-imported = 시험 기록을 가져왔습니다.
event-trial-recorded = { $subject }: 시험 결과를 기록했습니다({ $verdict }).
event-view-created = 보기를 저장했습니다.
event-view-deleted = 보기를 지웠습니다.
event-view-imported = 보기를 가져왔습니다.
event-view-updated = 보기가 바뀌었습니다.
event-webhook-created = 웹훅을 만들었습니다.
event-webhook-deleted = 웹훅을 지웠습니다.
event-webhook-disabled = 웹훅을 껐습니다.
event-webhook-enabled = 웹훅을 켰습니다.
event-webhook-imported = 웹훅을 가져왔습니다.
event-webhook-rotated = 웹훅의 비밀 키를 바꾸었습니다.
event-webhook-updated = 웹훅 설정이 바뀌었습니다.
