### The words of the delivery figures and the dashboard.

dlv_title = { $product } 배포 지표
dlv_figures = 배포 지표
dlv-frequency = 배포 빈도
dlv-lead = 변경 소요 시간
dlv-fail = 배포 실패율
dlv-rework = 계획에 없던 배포
dlv-recovery = 배포 실패 복구 시간
dlv_a_day = 하루 { $count }회
dlv_minutes = { $count }분
dlv_hours = { $count }시간
dlv_days = { $count }일
dlv_frequency_of = 배포 { $count }회, 배포한 날 { $days }일
dlv_lead_of = 변경 { $count }건의 중앙값{ $unknown ->
    [0] {""}
   *[other] , 배포 { $unknown }건은 변경을 알 수 없음
}
dlv_part_of = 배포 { $all }건 중 { $part }건
dlv_recovery_of = { $count }건의 중앙값{ $open ->
    [0] {""}
   *[other] , { $open }건은 진행 중
}
dlv_references = 목표가 아니라 비교용입니다. 하루 { $count }회 배포하는 팀도 있으며, 가장 나은 팀은 다른 팀보다 약 { $times }배 자주 배포하고 실패는 절반입니다.
dlv_incomplete = 한 번에 읽을 수 있는 것보다 배포가 많아 가장 오래된 것은 빠졌습니다. 기간을 줄이세요.
dlv_empty = 이 기간에 배포가 없습니다
dlv_empty_about = POST /v1/deployments로 배포를 알리거나, GitHub, GitLab, CDEvents가 /v1/hooks로 보내게 하세요.
dlv_from = 시작일
dlv_to = 종료일(미포함)
dlv_environment = 환경
dlv_service = 서비스
dlv_links = 장애와의 연결
dlv_with_inferred = 추정 포함
dlv_only_confirmed = 확인된 것만
dlv_deployment = 배포
dlv_when = 시각
dlv_counted_as = 집계
dlv_change = 변경
dlv_committed = 첫 커밋
dlv_reached = 고객에게 도달
dlv_time = 시간
dlv_known_by = 출처
dlv_rolled_back = 되돌림
dlv_incidents = 장애
dlv_inferred = 추정
dlv_because = 이유
dlv_recovered = 복구
dlv_open = 진행 중
dlv_none_failed = 실패한 배포가 없습니다.
dlv_none_unplanned = 모든 배포가 계획대로였습니다.
band-elite = 2023년 구간: 최상
band-high = 2023년 구간: 상
band-medium = 2023년 구간: 중
band-low = 2023년 구간: 하
arrival-deployed = 배포
arrival-roll_back = 되돌림
arrival-same = 같은 배포의 중복 보고
arrival-redeploy = 이미 실행 중이던 버전
arrival-failed = 고객에게 도달하지 못함
origin-explicit = 배포 보고
origin-pushed = 푸시
origin-story = 스토리
change-inconsistent = 배포보다 늦은 시각
change-unknown = 변경 알 수 없음
change-committed_late = 병합보다 늦은 커밋
rework-roll_back = 되돌림
rework-fixes = 장애 수정
rework-hotfix = 장애 수정이 담긴 릴리스
dash_at_a_glance = 현황판
dash_title = { $product } 현황
dash_voice = 고객의 소리
dash_volume = 최근 8주 피드백
dash_week = 주 시작일
dash_items = 피드백
dash_rating = 평균 평점
dash_no_rating = 평점 없음
dash_rising = 늘어나는 주제
dash_no_rising = 늘어나는 주제가 없습니다.
dash_promises = 약속
dash_overdue = 기한이 지난 답변
dash_none_overdue = 기한이 지난 것이 없습니다.
dash_waiting = 답을 기다리는 고객
dash_incidents = 장애
dash_no_incidents = 진행 중인 장애가 없습니다.
dash_last_28 = 최근 28일
dash_all_rows = 지표의 근거 보기
