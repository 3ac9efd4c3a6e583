use super::{own_text, own_words};

/// Sentences of a customer; each replaces `{}` in the wrappers.
const SAID: &[&str] = &["The refund has not arrived", "환불이 아직 안 들어왔어요"];

const WRAPPERS: &[&str] = &[
    // Signatures, closings, devices.
    "{}\n\nBest regards,\nKim 1\nSenior Manager | Example Corp | Tel. +82 2 123 4567\nSent from my iPhone\n\nCONFIDENTIALITY NOTICE: This e-mail is for the exclusive use of the intended recipient. If you are not the intended recipient, please delete it.",
    "{}\n\nThanks,\nJo",
    "{}\n\n-- \nMaria Lopez\nHead of Operations\n+49 30 1234567\nwww.example.com",
    "{}\n\nSent from my Samsung Galaxy smartphone.",
    "{}\n\n나의 iPhone에서 보냄",
    "{}\n감사합니다.\n김민지 드림",
    "안녕하세요.\n{}\n수고하세요~",
    "안녕하세요 고객센터 담당자님,\n{}\n\n감사합니다\n\n------------------\n홍길동 과장\n(주)예제상사 | 02-123-4567\nhong@example.com",
    "Dear Support Team,\n\n{}\n\nKind regards\n\nHannah Schmidt\nPhone: +49 170 1234567",
    "Hi there,\n{}\nMany thanks in advance!\nCheers",
    // Quoted and forwarded.
    "{}\n\nOn Tue, Mar 12, 2024 at 9:41 AM Support <support@example.com> wrote:\n> Thank you for contacting us. Your request (#3) has been received.\n> To add comments, reply to this email.",
    "{}\n\nOn Tue, Mar 12, 2024 at 9:41 AM Support\n<support@example.com> wrote:\n\n> Thank you for contacting us.\n> Bye",
    "{}\n\n2024년 3월 12일 (화) 오전 9:41, 고객센터 <help@example.com>님이 작성:\n\n> 문의해 주셔서 감사합니다.\n> 접수되었습니다.",
    "{}\n\n-----Original Message-----\nFrom: \"Support\" <help@example.com>\nTo: \"Kim\" <kim@example.com>\nSubject: Your request\n\nWe received it.",
    "{}\n\n-----원본 메시지-----\n보낸 사람: 고객센터 <help@example.com>\n받는 사람: kim@example.com\n제목: 접수 안내\n\n접수되었습니다.",
    "{}\n\n________________________________\n보낸 사람: 고객센터\n보낸 날짜: 2024년 3월 12일 화요일 오전 9:41\n받는 사람: 김민지\n제목: 접수\n\n접수되었습니다.",
    "{}\n\nFrom: Support <help@example.com>\nSent: Tuesday, 12 March 2024 09:41\nTo: Kim\nSubject: RE: Your request\n\nWe are on it.\nBest regards, Support",
    "On Tue, 12 Mar 2024 at 09:41, Support <a@example.com> wrote:\n> How can we help?\n> Bye\n\n{}",
    // Markup.
    "<html><head><style>p{margin:0}</style></head><body><p class=\"MsoNormal\"><span style=\"font-size:11.0pt\">{}</span></p></body></html>",
    "<div dir=\"ltr\">{}</div><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Tue wrote:</div><blockquote>We received it</blockquote></div>",
    "<p>{}</p><script>track('x');</script><p>&nbsp;</p>",
    // Notices in Korean.
    "{}\n\n본 메일은 지정된 수신인만을 위한 것이며 기밀 정보를 포함할 수 있습니다. 잘못 수신하신 경우 삭제하여 주시기 바랍니다.",
    "{}\n\nThis email and any attachments are confidential and intended for the addressee only. If received in error, delete it.",
    // Machine-written text.
    "{}\n\n2024-03-12T09:41:00Z ERROR checkout failed id=77\n2024-03-12T09:41:01Z INFO retrying\n2024-03-12T09:41:02Z ERROR gave up",
    "{}\njava.lang.IllegalStateException: no session\n\tat com.example.Pay.run(Pay.java:41)\n\tat com.example.Main.main(Main.java:7)\n\t... 12 more",
    "{}\nTraceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\nValueError: bad",
    "{}\n{\"order\": 77, \"state\": {\"paid\": true, \"items\": [1, 2]}, \"note\": \"a } b\"}",
    "{} https://click.example.com/ls/click?upn=u001.AbCdEf123456789&utm_source=mail",
];

#[test]
fn wrappers_are_cut_and_the_words_stay() {
    for said in SAID {
        for wrapper in WRAPPERS {
            assert_eq!(own_text(&wrapper.replacen("{}", said, 1)), *said, "{wrapper}");
        }
    }
}

#[test]
fn wrappers_within_wrappers_are_cut_too() {
    let text = "<div>Hello,<br><br>My refund is late<br><br>Best regards,<br>Kim<br></div><br>\
        <div class=\"gmail_quote\">On Tue &lt;a@example.com&gt; wrote:<blockquote>Hi</blockquote></div>";
    assert_eq!(own_text(text), "My refund is late");
    let text = "안녕하세요 고객센터님\n\n로그인이 안 됩니다\n\n감사합니다\n김철수 드림\n\n나의 iPhone에서 보냄\n\n\
        2024. 3. 12. 오전 9:41, 도움 <help@example.com> 작성:\n> 안녕하세요\n> 무엇을 도와드릴까요";
    assert_eq!(own_text(text), "로그인이 안 됩니다");
}

#[test]
fn a_customers_own_words_stay_whole() {
    let own = [
        "On Monday I wrote to you and got no answer",
        "On 12 March I wrote to support:\nno answer came until today",
        "I wrote:\nplease cancel\nand nobody did",
        "Hello Kitty backpack arrived broken",
        "hi cannot log in, please help",
        "When the amount is\n> 500 the page hangs",
        "The list shows\n- apples\n- pears\n--\n",
        "Thank you for the quick help!",
        "빨리 고쳐주셔서 감사합니다",
        "정말 감사합니다",
        "no thanks",
        "The editor eats <b> when I type it",
        "a < b and b > c fails in the filter",
        "AT&T is not in the list of operators",
        "From: Seoul\nTo: Busan\nDate: 3 May\nThe train was an hour late",
        "I pay with {amount} in the template and it stays {amount}",
        "The notice says this e-mail is confidential, why?",
        "Error: payment declined",
        "2024-03-12 the app crashed again",
        "The refund page https://example.com/help/refunds is gone".trim(),
        "Best regards is what my signature should say, not Kind regards",
        "배송지 서울 주소 변경이 안 돼요",
        "1. Open the app\n2. Tap Pay\n3. It crashes",
        "Regards to the chef",
        "안녕하지 못합니다 앱이 자꾸 꺼져요",
        "See [1] and [2], neither works",
        "I was charged [twice] for {one} ride",
    ];
    for text in own {
        let read = own_text(text);
        let same: String = text.replace("https://", "").trim().trim_end_matches(['-', '\n']).trim().to_owned();
        assert!(read == text || read == same, "{text:?} became {read:?}");
    }
}

#[test]
fn what_would_leave_nothing_is_not_cut() {
    for text in [
        "Best regards,\nKim",
        "> Thank you for contacting us.\n> Bye",
        "https://click.example.com/ls/click?upn=u001",
        "{\"order\": 77, \"state\": \"paid\"}",
        "안녕하세요",
        "감사합니다",
        "<style>p{}</style>",
        "Sent from my iPhone",
        "",
    ] {
        assert_eq!(own_text(text), text);
    }
}

#[test]
fn a_title_comes_before_the_text_once_and_without_marks_of_replies() {
    assert_eq!(own_words(Some("Re: FW: Refund"), "It is late.\n\nThanks,\nJo"), "Refund\nIt is late.");
    assert_eq!(own_words(Some("It is late"), "It is late, again"), "It is late, again");
    assert_eq!(own_words(Some("회신: 환불"), "언제 되나요"), "환불\n언제 되나요");
    assert_eq!(own_words(None, "Refund"), "Refund");
    assert_eq!(own_words(Some("re:"), "Refund"), "Refund");
}

#[test]
fn hostile_texts_cost_little() {
    for unit in [
        "{}",
        "[[]",
        "{",
        "[",
        "{\"",
        "<",
        "<a",
        "&",
        "> ",
        "On ",
        "{\"a\":",
        "\n",
        "-- \n",
        "From: \n",
        "감사합니다\n",
        "http://",
    ] {
        let text = unit.repeat(65_536 / unit.len());
        let started = std::time::Instant::now();
        let _ = own_text(&text);
        assert!(started.elapsed().as_millis() < 1_500, "{unit:?} took {:?}", started.elapsed());
    }
}
