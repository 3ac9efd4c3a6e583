//! What the folder of a sentence-transformer says: which network, how its words are cut, how its vectors are pooled.
//!
//! The layout is that of the library `sentence-transformers` (`modules.json` and a folder a module); a folder without
//! `modules.json` is a plain encoder, whose vectors are averaged, as that library does.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// A folder that is being read; everything read counts towards the name of what it makes.
pub struct Folder {
    path: PathBuf,
    digest: Sha256,
}

/// How the vectors of a text's tokens become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pooling {
    /// That of the first token.
    Cls,
    /// Their average.
    Mean,
    /// Their sum by the square root of their number.
    MeanSqrt,
    /// The largest of each number.
    Max,
}

/// What is done before and after the network.
#[derive(Debug)]
pub struct Recipe {
    /// The folder of the network, relative to the model's.
    pub network: String,
    /// How the vectors of tokens become one.
    pub pooling: Pooling,
    /// Whether the vector is brought to length 1.
    pub normalize: bool,
    /// Tokens of a text that are read at the most; what comes after is left out. `None` leaves it to the network.
    pub longest: Option<usize>,
    /// Whether the text is turned to lower case first.
    pub lower_case: bool,
    /// What is put before each text.
    pub prompt: String,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Reading {
    max_seq_length: Option<usize>,
    do_lower_case: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tokens {
    /// Some files say a number with thirty digits, for no limit.
    model_max_length: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Prompts {
    prompts: std::collections::BTreeMap<String, String>,
    default_prompt_name: Option<String>,
}

#[derive(Deserialize)]
struct Pooled {
    /// Newer files name it; older have a flag for each.
    pooling_mode: Option<String>,
    #[serde(default = "yes")]
    include_prompt: bool,
    #[serde(flatten)]
    flags: std::collections::BTreeMap<String, serde_json::Value>,
}

fn yes() -> bool {
    true
}

impl Folder {
    /// # Errors
    /// A sentence, where it is no folder.
    pub fn open(path: &str) -> Result<Self, String> {
        if !Path::new(path).is_dir() {
            return Err(format!("{path} is not a folder."));
        }
        Ok(Self { path: path.into(), digest: Sha256::new() })
    }

    /// A name that differs where anything that was read does: `local:all-MiniLM-L6-v2:5fa1b9c2`.
    pub fn name(self) -> String {
        let folder = self.path.canonicalize().unwrap_or(self.path);
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let digest: String = self.digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("local:{name}:{digest}")
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// A sentence with the path, where it can't be read.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let path = self.path.join(name);
        let bytes = std::fs::read(&path).map_err(|e| format!("{} can't be read: {e}.", path.display()))?;
        self.digest.update(&bytes);
        Ok(bytes)
    }

    /// A file of JSON.
    ///
    /// # Errors
    /// A sentence with the path, where it can't be read or is something else.
    pub fn json<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, String> {
        let bytes = self.read(name)?;
        serde_json::from_slice(&bytes)
            .map_err(|e| format!("{} is not what is expected: {e}.", self.path.join(name).display()))
    }

    /// The same, its default where the file is not there.
    fn json_or_default<T: DeserializeOwned + Default>(&mut self, name: &str) -> Result<T, String> {
        if self.path.join(name).exists() { self.json(name) } else { Ok(T::default()) }
    }

    /// What is done before and after the network.
    ///
    /// # Errors
    /// A sentence, where a file is missing or asks for what is not built in.
    pub fn recipe(&mut self) -> Result<Recipe, String> {
        let modules: Vec<Module> = self.json_or_default("modules.json")?;
        let (mut network, mut pooling, mut normalize) = (String::new(), None, false);
        for module in &modules {
            match module.kind.rsplit('.').next().unwrap_or_default() {
                "Transformer" => network.clone_from(&module.path),
                "Pooling" => pooling = Some(self.json::<Pooled>(&format!("{}/config.json", module.path))?),
                "Normalize" => normalize = true,
                other => {
                    return Err(format!("It has a module {other}; Transformer, Pooling and Normalize are built in."));
                }
            }
        }
        let prompts: Prompts = self.json_or_default("config_sentence_transformers.json")?;
        let prompt = prompts.default_prompt_name.and_then(|name| prompts.prompts.get(&name).cloned());
        if prompt.is_some() && pooling.as_ref().is_some_and(|pooled| !pooled.include_prompt) {
            return Err("Its pooling leaves the prompt out (include_prompt is false); that is not built in.".to_owned());
        }
        let reading: Reading = self.json_or_default(&within(&network, "sentence_bert_config.json"))?;
        let tokens: Tokens = self.json_or_default(&within(&network, "tokenizer_config.json"))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates: no limit")]
        let of_tokens = tokens.model_max_length.map(|most| most as usize);
        Ok(Recipe {
            network,
            pooling: pooling.map_or(Ok(Pooling::Mean), |pooled| pooled.mode())?,
            normalize,
            longest: reading.max_seq_length.or(of_tokens),
            lower_case: reading.do_lower_case,
            prompt: prompt.unwrap_or_default(),
        })
    }
}

/// A file in a folder of the model's.
pub fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

impl Pooled {
    fn mode(&self) -> Result<Pooling, String> {
        let flags = self.flags.iter().filter(|(_, value)| value.as_bool() == Some(true));
        let mut modes: Vec<&str> = flags.filter_map(|(name, _)| name.strip_prefix("pooling_mode_")).collect();
        modes.extend(self.pooling_mode.as_deref());
        match modes[..] {
            ["cls_token" | "cls"] => Ok(Pooling::Cls),
            ["mean_tokens" | "mean"] => Ok(Pooling::Mean),
            ["mean_sqrt_len_tokens"] => Ok(Pooling::MeanSqrt),
            ["max_tokens" | "max"] => Ok(Pooling::Max),
            _ => Err(format!(
                "It pools by {}; one of cls, mean, mean_sqrt_len and max is built in.",
                modes.join(" and ")
            )),
        }
    }
}
