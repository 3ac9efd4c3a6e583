use super::*;

fn of(words: &str) -> Recognised {
    recognise(&Read { words, ..Read::default() })
}

#[test]
fn rows_without_feedback_are_set_aside_with_a_reason() {
    let noise = [
        (
            SetAside::AutoReply,
            "I am out of the office until 10 March with limited access to e-mail. For urgent matters contact Ann.",
        ),
        (SetAside::AutoReply, "Automatic reply: Your invoice\nI'm on holiday."),
        (
            SetAside::AutoReply,
            "Thank you for contacting us. Your request (#4711) has been received and we will get back to you within 24 hours.",
        ),
        (SetAside::AutoReply, "You have been unsubscribed from this list."),
        (SetAside::AutoReply, "Hello, I am on vacation until 3 May. I will reply when I am back in the office."),
        (SetAside::AutoReply, "현재 휴가 중입니다. 3월 10일 복귀 예정이며 급한 용무는 김 대리에게 연락 바랍니다."),
        (SetAside::AutoReply, "[자동응답] 문의해 주셔서 감사합니다. 정상적으로 접수되었습니다."),
        (SetAside::AutoReply, "수신거부 처리되었습니다."),
        (SetAside::AutoReply, "부재중입니다. 확인 후 회신 드리겠습니다."),
        (
            SetAside::Bounce,
            "Mail Delivery Subsystem: Delivery to the following recipient failed permanently: user0@example.com",
        ),
        (
            SetAside::Bounce,
            "Undelivered Mail Returned to Sender\nThis is the mail system at host mx.example.com. I'm sorry to have to inform you that your message could not be delivered to one or more recipients.",
        ),
        (SetAside::Bounce, "Delivery Status Notification (Failure)\n550 5.1.1 user unknown"),
        (SetAside::Bounce, "메일 전송 실패 안내\n수신자의 메일함이 가득 찼습니다."),
        (SetAside::Bounce, "배달되지 않음: 청구서\n받는 사람을 찾을 수 없습니다."),
        (
            SetAside::Spam,
            "Hello Sir/Madam, we offer SEO and link building at the best price, can we schedule a quick call with your marketing head?",
        ),
        (
            SetAside::Spam,
            "블로그 마케팅 대행업체입니다. 저렴한 비용으로 상위 노출 도와드리겠습니다. 담당자 연락처 부탁드립니다.",
        ),
        (SetAside::Spam, "I came across your website. Our agency can get you on the first page of Google, guaranteed."),
        (
            SetAside::Spam,
            "Dear friend, I am the next of kin of a late banker and wish to transfer two million dollars.",
        ),
        (SetAside::Spam, "Congratulations! You have been selected for a gift card. Click the link to claim it."),
        (SetAside::Spam, "Make money from home, 300 a day, DM me"),
        (SetAside::Spam, "Dear Sir, our SEO agency brings you to page one of Google, may we send you a quotation?"),
        (SetAside::Spam, "(광고) 여름 특가! 지금 신청하시면 50% 할인"),
        (SetAside::Spam, "무직자 당일승인 대출 상담문의 카톡 abc"),
        (SetAside::AutoReply, "This mailbox is not monitored."),
        (SetAside::Nothing, "n/a"),
        (SetAside::Nothing, "None."),
        (SetAside::Nothing, "Nothing to add"),
        (SetAside::Nothing, "No comments"),
        (SetAside::Nothing, "없음"),
        (SetAside::Nothing, "딱히 없습니다"),
        (SetAside::Nothing, "기타 의견 없음"),
        (SetAside::Test, "asdf"),
        (SetAside::Test, "asdf qwer"),
        (SetAside::Test, "ㅁㄴㅇㄹ"),
        (SetAside::Test, "ㅇㅇ"),
        (SetAside::Test, "ㅋㅋㅋㅋ"),
        (SetAside::Test, "test"),
        (SetAside::Test, "This is a test, please ignore"),
        (SetAside::Test, "테스트입니다"),
        (SetAside::Test, "..."),
        (SetAside::Test, "12345"),
        (SetAside::Test, "aaaaaa"),
        (SetAside::Greeting, "good morning everyone have a blessed week"),
        (SetAside::Greeting, "Hello"),
        (SetAside::Greeting, "안녕하세요"),
        (SetAside::Greeting, "다들 좋은 하루 되세요~"),
        (SetAside::Greeting, "새해 복 많이 받으세요!"),
        (SetAside::Greeting, "Merry Christmas and a happy new year to you all"),
    ];
    for (reason, text) in noise {
        let found = of(text);
        assert_eq!((found.kind, found.set_aside), (Kind::Other, Some(reason)), "{text}");
    }
}

#[test]
fn a_customer_who_speaks_of_such_things_is_heard() {
    let texts = [
        "I am out of the office until Monday and cannot log in from home, please fix the VPN",
        "Your agents are always out of office when I call",
        "I'm on holiday and your app charged me twice",
        "Your app sends me MAILER-DAEMON mails for every report, please fix it",
        "My parcel could not be delivered, where is it?",
        "Two parcels were returned to sender because the label shows my old address",
        "Delivery failed permanently, where is my order?",
        "The SEO settings of my shop are broken",
        "We offer our guests free wifi but the router drops the connection",
        "The test mode charges real cards",
        "Please let me test the premium plan",
        "Hello, I can't log in",
        "I work from home and the VPN drops twice a day",
        "I bought bitcoin with my crypto card daily and the fee is wrong",
        "Dear Sir, my personal loan was approved but the daily rate differs from the offer",
        "Congratulations on the update! My gift card does not work in your shop for two days",
        "Your mail says that you have been selected for the beta, but when I click the link it shows an error",
        "Your mailbox is not monitored, I wrote three times and nobody answers",
        "대출 상담문의 카톡으로 했는데 답이 없어요",
        "신용불량이라 대출이 안 된대요. 카톡으로 문의해도 안 알려줘요",
        "견적이 최저가라더니 더 비싸요",
        "할 말이 없습니다",
        "아직 없습니다",
        "Still nothing",
        "I have nothing",
        "I bought a gift card and the code is not accepted",
        "Where is my prize? You wrote that I won",
        "Congratulations, your update deleted my data",
        "대출 상담 받으려는데 앱이 꺼져요",
        "광고가 너무 많아요",
        "(광고) 메시지를 그만 보내 주세요. 수신거부가 안 돼요",
        "There is nothing in my inbox",
        "None of the buttons work",
        "영수증이 없어요",
        "no",
        "Good app",
        "ok",
        "nice",
        "네",
        "Thanks",
        "감사합니다",
        "👍",
        "QWERTY keyboard layout is missing",
        "Error 503",
        "4.2 crashes",
        "좋은 앱입니다",
        "휴가 중에 결제가 두 번 됐어요",
        "메일이 반송됐다고 나오는데 왜 그런가요? 청구서가 안 와요",
        "상위 노출 광고비가 너무 비싸요",
        "문의해도 자동 답변만 옵니다",
        "자동 응답만 오고 상담원 연결이 안 돼요. 너무 답답합니다",
        "접수되었습니다 문자만 오고 아무 연락이 없어요",
        "좋은 하루였는데 배달이 늦어서 망쳤어요",
        "My request has been ignored for weeks",
    ];
    for text in texts {
        assert_eq!(of(text).set_aside, None, "{text}");
    }
}

#[test]
fn stars_tell_where_words_do_not() {
    let rated = |words, rating| recognise(&Read { words, rating: Some(rating), nps: None }).kind;
    assert_eq!((rated("Nice", 5), rated("ok", 3), rated("hm", 1)), (Kind::Praise, Kind::Praise, Kind::Complaint));
    assert_eq!(rated("Too many ads now", 5), Kind::Complaint, "words go before stars");
}

#[test]
fn any_text_is_read_in_little_time() {
    for unit in ["a", "?", "안", "crash ", "!. ", "\u{1100}", "ㅋ"] {
        let text = unit.repeat(65_536 / unit.len());
        let started = std::time::Instant::now();
        of(&text);
        assert!(started.elapsed().as_millis() < 500, "{unit}");
    }
}
