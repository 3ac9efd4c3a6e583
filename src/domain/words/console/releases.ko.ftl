### The words of the releases.

nav_releases = 릴리스
flash_release_planned = 릴리스를 계획했습니다. 스토리를 담으세요.
flash_on_board = 릴리스에 담았습니다.
flash_taken_off = 릴리스에서 스토리를 뺐습니다.
flash_release_frozen = 릴리스를 동결했습니다. 더 담을 수 없습니다.
flash_release_unfrozen = 다시 스토리를 담을 수 있습니다.
flash_shipped = 릴리스를 출시했습니다.
flash_rolled_back = 릴리스를 되돌렸습니다.
flash_yanked = 릴리스를 철회로 표시했습니다.
rel_releases_about = 언제 무엇이 나가고, 무엇이 담겼고, 고객이 무엇을 듣게 되는지 보여 줍니다.
rel_my_stories = 내 스토리
rel_plan_release = 릴리스 계획
rel_plan_it = 계획
rel_release_name_hint = 버전입니다. 예: 1.4.0
rel_planned_for = 예정일
rel_planned_for_hint = 비우면 정기 출시일을 따릅니다.
rel_train = 정기 출시일
rel_no_train = 정기 출시 아님
rel_releases_empty = 아직 릴리스가 없습니다
rel_releases_empty_about = 릴리스를 계획하고 스토리를 담아 출시하세요. 그러면 고객이 해결 소식을 듣습니다.
rel_undated = 날짜 미정
rel_month_name = { $year }년 { $month }월
rel_stories_aboard = { $count ->
    [0] 담긴 스토리 없음
   *[other] 스토리 { $count }개
}
rel_stories_missed = { $count }개는 놓침
rel_train_without_release = 릴리스가 없는 정기 출시일
rel_waits_to_be_shipped = 배포됨, 출시 대기
rel_public_changelog = 공개 변경 내역
rel_train_leaves = 정기 출시
rel_shipped_at = 출시
rel_deployed_at = 운영 반영
rel_not_done = 처리하지 않았습니다
rel_held_about = 이미 운영에 배포되었지만 아직 출시하지 않았습니다. 출시하면 고객에게 알립니다.
rel_ship_preview = 출시: 알릴 내용 확인
rel_roll_back_preview = 되돌리기: 알릴 내용 확인
rel_freeze = 동결
rel_unfreeze = 동결 해제
rel_yank = 이 버전 철회
rel_yank_about = 변경 내역에 철회로 표시합니다. 스토리는 출시 상태로 남습니다. 스토리까지 되돌리려면 릴리스를 되돌리세요.
rel_on_board = 담긴 스토리
rel_not_ready_yet = 아직 준비되지 않은 스토리 { $count }개
rel_nothing_aboard = 담긴 스토리가 없습니다
rel_nothing_aboard_about = 아래에서 스토리를 담으세요.
rel_gates = 게이트
rel_in_changelog = 변경 내역
rel_still_in_stage = 아직 “{ $stage }” 단계
rel_waits_for_gates = 서명 대기: { $gates }
rel_section = 구분
rel_changelog_entry = 변경 내역 문구
rel_take_off = 빼기
rel_put_on_board = 스토리 담기
rel_ready_stories = 준비되었고 릴리스에 없는 스토리
rel_other_stories = 다른 스토리 번호
rel_missed_train = 놓친 스토리
rel_missed_why = 출시일까지 준비되지 않았습니다.
rel_goes_with = 다음 릴리스:
rel_deployments = 배포
rel_no_deployments = 보고된 배포가 없습니다.
rel_environment = 환경
rel_reported_by = 보고
rel_held = 보류
rel_changelog_preview = 독자에게 보일 변경 내역
rel_changelog_empty = 아직 내용이 없습니다.
rel_release_notes = 항목 위의 글
rel_ship_title = { $name } 출시
rel_roll_back_title = { $name } 되돌리기
rel_ship_tells = { $count ->
    [0] 알림을 받는 고객이 없습니다.
   *[other] 고객 { $count }명에게 알립니다.
}
rel_roll_back_tells = { $count ->
    [0] 지금까지 알림을 받은 고객이 없습니다.
   *[other] 알림을 받은 고객 { $count }명에게 알릴 수 있습니다.
}
rel_recall_within = { $minutes ->
    [0] 메시지는 바로 나갑니다.
   *[other] { $minutes }분 동안 메시지를 회수할 수 있습니다.
}
rel_who_hears_what = 누가 무엇을 듣나
rel_nobody_is_told = 고객에게 달라지는 스토리가 없습니다.
rel_told_customers = { $count ->
    [0] 알림 없음
   *[other] 고객 { $count }명
}
rel_by_mail = 메일 { $count }명
rel_by_desk = 고객지원 도구 { $count }명
rel_by_agent = 담당자 { $count }명
rel_still_quotes = 아직 고객의 말을 인용하고 있습니다. 출시 전에 스토리에서 고치거나 확인하세요.
rel_no_text_in_language = 이 언어의 문구 없음
rel_who_exactly = 대상 고객
rel_move_unready = 준비되지 않은 스토리는 두고 가기(다음 정기 출시로 이동)
rel_is_deployed = 지금 운영에 반영됨
rel_is_deployed_hint = 표시하지 않으면 운영 배포가 보고될 때 고객에게 알립니다.
rel_ship_it = 출시
rel_roll_back_reason = 이유
rel_tell_of_roll_back = 알림을 받았던 고객에게 알리기
rel_as_the_product_says = 제품 설정에 따름
rel_tell_yes = 예
rel_tell_no = 아니요
rel_new_in = { $product }의 새 소식
rel_feed = 피드
rel_nothing_new = 아직 출시한 것이 없습니다.
rel_older = 이전 릴리스
rel_roll_it_back = 되돌리기
release-planned = 계획
release-frozen = 동결
release-shipped = 출시
release-rolled_back = 되돌림
release-yanked = 철회
deployment-succeeded = 성공
deployment-failed = 실패
deployment-rolled_back = 되돌림
deployment-scheduled = 예약
section-added = 추가
section-changed = 변경
section-deprecated = 지원 중단 예정
section-removed = 제거
section-fixed = 수정
section-security = 보안
channel-email = 메일
channel-desk = 고객지원 도구
channel-agent = 담당자
leftout-praise = 제외: 칭찬만 함
leftout-noise = 제외: 피드백 아님
leftout-probably_not_about_this = 제외: 다른 내용으로 보임
leftout-taken_out = 구성원이 제외
leftout-already_told = 이미 알림
leftout-recalled = 회수됨
leftout-given_up = 연락 불가
leftout-withdrawn = 더는 해당 없음
leftout-erased = 삭제됨
leftout-objected = 고객이 연락을 거부함
