#!/usr/bin/env python3
"""Writes N items of feedback as NDJSON in the form of POST /v1/feedback: realistic lengths, 500 customers in 60 accounts,
English and Korean, from a fixed seed. Usage: data.py N [SEED] > feedback.ndjson"""
import json
import random
import sys

EN = ("the refund card payment transfer app crashed fee account balance statement login code receipt limit export invoice "
      "settlement merchant checkout terminal cashback points exchange rate update screen button email phone support agent "
      "waiting days again still never always please fix why cannot does not work after before since yesterday monthly "
      "business customer shop order amount wrong missing duplicate charged twice pending failed slow error blank loading").split()
KO = ("환불 카드 결제 송금 앱이 종료 수수료 계좌 잔액 명세서 로그인 인증번호 영수증 한도 내보내기 세금계산서 정산 가맹점 단말기 "
      "적립 포인트 환율 업데이트 화면 버튼 이메일 전화 상담원 기다려도 며칠째 다시 아직도 계속 제발 고쳐주세요 왜 안되나요 어제부터 매달 "
      "사업자 고객 매장 주문 금액이 틀려요 누락 중복 두번 결제됐어요 실패 느려요 오류 하얀화면 로딩").split()
SOURCES = ["ticket", "chat", "email", "call", "survey", "review"]


def feedback(n: int, rng: random.Random) -> dict:
    words = KO if rng.random() < 0.3 else EN
    # A topic is a few words that often occur together.
    topic = random.Random(n % 400).sample(words, 4)
    text = topic + rng.choices(words, k=rng.randint(4, 24))
    rng.shuffle(text)
    customer = rng.randrange(500)
    return {
        "text": " ".join(text), "source": rng.choice(SOURCES), "origin": "bench", "external_id": str(n),
        "customer": {"external_id": f"c{customer}", "email": f"c{customer}@example.com",
                     "account": {"name": f"Account {customer % 60}"}},
        "tags": [rng.choice(["mobile", "web", "api"])],
    }


def main() -> None:
    count, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 7
    rng = random.Random(seed)
    for n in range(count):
        print(json.dumps(feedback(n, rng), ensure_ascii=False))


if __name__ == "__main__":
    main()
