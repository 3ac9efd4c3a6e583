//! The configuration of a sentence-transformer in a folder: its network, its tokeniser, and its pooling.
//!
//! The layout is that of the library `sentence-transformers` (`modules.json` and one folder per module). A folder
//! without `modules.json` is a plain encoder, whose vectors are averaged, as in that library.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// A model folder. Everything that is read counts towards the model's name.
pub struct Folder {
    path: PathBuf,
    digest: Sha256,
}

/// How the vectors of a text's tokens are combined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pooling {
    /// The vector of the first token.
    Cls,
    /// The mean.
    Mean,
    /// The sum divided by the square root of the number of tokens.
    MeanSqrt,
    /// The maximum per dimension.
    Max,
}

/// The steps before and after the network.
#[derive(Debug)]
pub struct Recipe {
    /// The folder of the network, relative to the model's folder.
    pub network: String,
    /// How the vectors of the tokens are combined.
    pub pooling: Pooling,
    /// Whether the vector is scaled to length 1.
    pub normalize: bool,
    /// The most tokens of a text; further tokens are ignored. `None` uses the network's own limit.
    pub longest: Option<usize>,
    /// Whether the text is converted to lower case first.
    pub lower_case: bool,
    /// A prefix for each text.
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
struct SentenceSettings {
    max_seq_length: Option<usize>,
    do_lower_case: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tokens {
    /// Some files have a number of thirty digits, which means no limit.
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
    /// The pooling mode in newer files; older files have one flag per mode.
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

    /// A name that changes with the content of any file that was read: `local:all-MiniLM-L6-v2:5fa1b9c2`.
    pub fn name(self) -> String {
        let folder = self.path.canonicalize().unwrap_or(self.path);
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let digest: String = self.digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("local:{name}:{digest}")
    }

    /// The content of a file.
    ///
    /// # Errors
    /// A sentence with the path, where it can't be read.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let path = self.path.join(name);
        let bytes = std::fs::read(&path).map_err(|e| format!("{} can't be read: {e}.", path.display()))?;
        self.digest.update(&bytes);
        Ok(bytes)
    }

    /// A JSON file.
    ///
    /// # Errors
    /// A sentence with the path, where it can't be read or has another structure.
    pub fn json<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, String> {
        let bytes = self.read(name)?;
        serde_json::from_slice(&bytes)
            .map_err(|e| format!("{} is not what is expected: {e}.", self.path.join(name).display()))
    }

    /// The same, or the default where the file does not exist.
    fn json_or_default<T: DeserializeOwned + Default>(&mut self, name: &str) -> Result<T, String> {
        if self.path.join(name).exists() { self.json(name) } else { Ok(T::default()) }
    }

    /// The steps before and after the network.
    ///
    /// # Errors
    /// A sentence that says which file is missing, or which setting is not supported.
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
        let reading: SentenceSettings = self.json_or_default(&within(&network, "sentence_bert_config.json"))?;
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

/// The path of a file in a subfolder.
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
