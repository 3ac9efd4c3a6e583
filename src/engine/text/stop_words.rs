//! Word lists: affixes that are cut off, and stop words.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Prefixes or suffixes, found by look-up instead of comparing each.
pub(in crate::engine) struct Affixes {
    known: HashSet<&'static str>,
    /// The longest affix, in characters.
    longest: usize,
}

impl Affixes {
    fn new(list: &'static str) -> Self {
        let longest = list.split_whitespace().map(|affix| affix.chars().count()).max().unwrap_or(0);
        Affixes { known: list.split_whitespace().collect(), longest }
    }

    /// Whether a word begins with one of them.
    pub fn begin(&self, word: &str) -> bool {
        let mut ends = word.char_indices().map(|(at, c)| at + c.len_utf8()).take(self.longest);
        ends.any(|end| self.known.contains(&word[..end]))
    }

    /// Whether a word ends with one of them.
    pub fn end(&self, word: &str) -> bool {
        self.cut(word).next().is_some()
    }

    /// The rest of a word before each of them that it ends with, the shortest affix first.
    pub fn cut<'a>(&self, word: &'a str) -> impl Iterator<Item = &'a str> {
        let starts = word.char_indices().rev().take(self.longest).map(|(at, _)| at);
        starts.filter(|start| self.known.contains(&word[*start..])).map(|start| &word[..start])
    }
}

/// Korean particles, which follow a noun.
pub(in crate::engine) static PARTICLES: LazyLock<Affixes> = LazyLock::new(|| {
    Affixes::new(
        "
        이라고 에서는 으로는 에서도 까지는 한테는 에서 으로 에게 한테 부터 까지 처럼 보다 이랑 하고 라고 이나 마다
        밖에 조차 에는 에도 로는 은 는 이 가 을 를 에 로 와 과 도 만 의 요 랑 나 께",
    )
});

/// Endings of Korean verbs and adjectives.
pub(in crate::engine) static PREDICATE_ENDINGS: LazyLock<Affixes> = LazyLock::new(|| {
    Affixes::new(
        "
        니다 니까 어요 아요 해요 돼요 되요 네요 세요 주세요 하게 해서 어서 아서 는데 은데 인데 하면 되면 려면 하는
        되는 있는 없는 했어 됐어 하고 되고 지만 거든 더라 했는 군요 까요 나요 가요 던데 려고 하기 하지 되지 해도
        한다 된다 했다 됐다 었다 았다 줘 돼 해 었음 았음 세용 죠 지요 라구 거야 줄래 을까 할까 말고 지마 인지 는지 던지",
    )
});

/// Korean words that begin with these are stop words.
pub(in crate::engine) static KOREAN_STOP_WORDS: LazyLock<Affixes> = LazyLock::new(|| {
    Affixes::new(
        "
        그리고 그런데 그래서 하지만 그냥 너무 정말 진짜 계속 자꾸 이거 그거 저거 이것 그것 제가 저는 저희 우리 여기
        거기 어떻게 어떤 무슨 언제 어디 누구 왜요 혹시 좀더 조금 많이 매우 아주 다시 지금 아직 이미 벌써 항상 같은
        같아 같습 있어 있습 있나 있으 없어 없습 없이 없나 안녕 감사 고맙 부탁 문의 하는 되는 해주 주세 합니 됩니
        안돼 안되 안됩 되나 하나 싶어 싶습 싶은 때문 경우 정도 이런 그런 저런 이렇게 그렇게 근데 뭔가 아니 그래 ㅠㅠ
        ㅋㅋ 제발 빨리 알려 되어 하려 해서 하면 인데 입니 이에 예요 위해 대해 관련 대한 통해 따라 다른 모든 어느
        얼마",
    )
});

/// Two-letter words that are not stop words.
pub(in crate::engine) const SHORT_WORDS: &[&str] =
    &["ui", "ux", "ip", "pc", "tv", "qr", "id", "vr", "ar", "ai", "pw", "os"];

/// Sorted, for binary search; in the form that [`words`] returns, without apostrophes.
pub(in crate::engine) static ENGLISH_STOP_WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    "
    about above actually after again all already also and any anyone anything are arent away because been before
    being below between both but can cannot cant could couldnt did didnt does doesnt doing done dont down during
    each either else even ever every everything few for from further get gets getting give given goes going gone
    got had hadnt has hasnt have havent having hello her here hers herself hey him himself his how however ill
    into isnt its itself ive just keep keeps know let lets like likes look looking lot made make makes making
    many may maybe might more most much must myself need needs never nor not nothing now off often okay once one
    only onto other others our ours out over own please pls plz put quite rather really regarding said same say
    says see seem seems she should shouldnt since sir some someone something soon still such sure take taking
    team tell than thank thanks that thats the their theirs them then there theres these they theyre thing
    things think this those though through thus told too tried try trying under until upon use used using very
    via want wanted wants was wasnt way well went were werent weve what whats when where wheres which while who
    whom whos whose why will with within without wont would wouldnt yeah yes yet you your youre yours youve"
        .split_whitespace()
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_english_list_is_sorted() {
        assert!(ENGLISH_STOP_WORDS.is_sorted());
    }

    #[test]
    fn affixes_are_found_at_the_ends_of_a_word_only() {
        let affixes = Affixes::new("에서 서 는 에서는");
        assert!(affixes.begin("에서만") && affixes.begin("는") && !affixes.begin("앱에서") && !affixes.begin(""));
        assert!(affixes.end("앱에서") && !affixes.end("에서만") && !affixes.end(""));
        assert_eq!(affixes.cut("앱에서는").collect::<Vec<_>>(), ["앱에서", "앱"]);
    }
}
