//! Checklists of laws, as gates that a product adopts and may edit.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::team::{Gate, GateStage};

crate::domain::names! {
    /// The law of a checklist: the Korean act on personal information, or the European General Data Protection Regulation.
    pub enum Law { KrPipa "kr_pipa", EuGdpr "eu_gdpr" }
}

/// An item of a checklist as it is delivered.
struct LawItem {
    key: &'static str,
    stage: GateStage,
    english: &'static str,
    korean: &'static str,
}

const PIPA: [LawItem; 8] = [
    item(
        "kr_pipa_purpose",
        "Purpose and legal basis of new personal data are named (articles 15, 16)",
        "새 개인정보의 수집 목적과 근거 확인 (제15·16조)",
    ),
    item(
        "kr_pipa_minimum",
        "Only the least necessary data is collected (article 16)",
        "필요한 최소한의 정보만 수집 (제16조)",
    ),
    item(
        "kr_pipa_sensitive",
        "Sensitive and identification data: separate consent or a law (articles 23, 24)",
        "민감정보·고유식별정보의 별도 동의 또는 법적 근거 (제23·24조)",
    ),
    item(
        "kr_pipa_policy",
        "The privacy policy says what changes (article 30)",
        "개인정보 처리방침에 변경 사항 반영 (제30조)",
    ),
    item(
        "kr_pipa_safety",
        "Safety measures: access rights, encryption, access records (article 29)",
        "안전조치: 접근 권한, 암호화, 접속기록 (제29조)",
    ),
    item(
        "kr_pipa_processors",
        "Processors and transfers abroad are on record (articles 26, 28-8)",
        "처리위탁과 국외 이전 기록 (제26조·제28조의8)",
    ),
    late("kr_pipa_retention", "Retention and destruction are set (article 21)", "보유 기간과 파기 설정 (제21조)"),
    late(
        "kr_pipa_rights",
        "Access, correction, deletion and stop work for the new data (articles 35 to 37)",
        "새 정보의 열람·정정·삭제·처리정지 가능 (제35~37조)",
    ),
];

const GDPR: [LawItem; 8] = [
    item(
        "eu_gdpr_basis",
        "Purpose and legal basis are named (articles 5, 6, 9)",
        "처리 목적과 법적 근거 확인 (제5·6·9조)",
    ),
    item(
        "eu_gdpr_minimum",
        "Data protection by design: only necessary data (articles 5, 25)",
        "설계 단계의 보호: 필요한 정보만 처리 (제5·25조)",
    ),
    item("eu_gdpr_impact", "Impact assessment where the risk is high (article 35)", "위험이 큰 경우 영향평가 (제35조)"),
    item("eu_gdpr_notice", "Persons are informed (articles 13, 14)", "정보주체에 대한 고지 (제13·14조)"),
    item("eu_gdpr_security", "Security of processing (article 32)", "처리의 보안 (제32조)"),
    item(
        "eu_gdpr_processors",
        "Processors and transfers are on record (articles 28, 30, 44 to 49)",
        "수탁자와 국외 이전 기록 (제28·30·44~49조)",
    ),
    late("eu_gdpr_retention", "Time limits of erasure are set (articles 5, 30)", "삭제 기한 설정 (제5·30조)"),
    late(
        "eu_gdpr_rights",
        "Access, rectification, erasure, portability and objection work for the new data (articles 15 to 21)",
        "새 정보의 열람·정정·삭제·이동·반대 가능 (제15~21조)",
    ),
];

const fn item(key: &'static str, english: &'static str, korean: &'static str) -> LawItem {
    LawItem { key, stage: GateStage::Ready, english, korean }
}

const fn late(key: &'static str, english: &'static str, korean: &'static str) -> LawItem {
    LawItem { key, stage: GateStage::Released, english, korean }
}

impl Law {
    fn items(self) -> &'static [LawItem] {
        match self {
            Law::KrPipa => &PIPA,
            Law::EuGdpr => &GDPR,
        }
    }

    /// The gates of its checklist, in a language.
    pub fn gates(self, language: Language) -> Vec<Gate> {
        let gate = |item: &LawItem| Gate {
            key: item.key.to_owned(),
            title: match language {
                Language::English => item.english,
                Language::Korean => item.korean,
            }
            .to_owned(),
            stage: item.stage,
        };
        self.items().iter().map(gate).collect()
    }

    /// Whether a gate belongs to its checklist, by its key: those that are delivered, and those that a product adds with
    /// the same beginning.
    pub fn owns(self, key: &str) -> bool {
        key.strip_prefix(self.as_str()).is_some_and(|rest| rest.starts_with('_'))
    }
}

/// A checklist of a law for a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Checklist {
    #[schema(inline)]
    pub law: Law,
    /// When the product adopted it; `null` if it did not.
    pub adopted_at: Option<Time>,
    pub adopted_by: Option<Id>,
    /// Its items: the product's gates where it is adopted, otherwise those that it would add.
    pub items: Vec<ChecklistItem>,
}

/// An item of a checklist.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChecklistItem {
    #[schema(example = "kr_pipa_purpose")]
    pub key: String,
    pub title: String,
    #[schema(inline)]
    pub stage: GateStage,
    /// How many stories signed it.
    pub signed: i64,
    /// Who signed it last, for which story, and when.
    pub last_signed: Option<LastSigned>,
}

/// The last signature of an item.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LastSigned {
    pub story_id: Id,
    pub member_id: Option<Id>,
    pub signed_at: Time,
}

/// A checklist to adopt.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"law": "kr_pipa"}))]
pub struct ChecklistAdoption {
    #[schema(inline)]
    pub law: Law,
    /// The language of the items' titles, `en` or `ko`; the product's where absent.
    #[schema(pattern = "^(en|ko)$", example = "ko")]
    pub language: Option<String>,
}

/// The checklists of a product.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Checklists {
    pub data: Vec<Checklist>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_law_has_gates_of_its_own_that_fit_a_product() {
        for law in Law::ALL {
            for language in [Language::English, Language::Korean] {
                let gates = law.gates(language);
                assert!(
                    gates.iter().all(|gate| law.owns(&gate.key) && gate.key.len() <= 50 && gate.title.len() <= 300)
                );
                let others = Law::ALL.iter().filter(|other| *other != law);
                assert!(others.into_iter().all(|other| gates.iter().all(|gate| !other.owns(&gate.key))));
            }
        }
        assert!(
            Law::KrPipa.owns("kr_pipa_our_own") && !Law::KrPipa.owns("kr_pipa2_x") && !Law::KrPipa.owns("security")
        );
    }
}
