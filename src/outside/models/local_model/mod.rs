//! A local sentence-transformer of the BERT family (`bert`, `roberta`, `xlm-roberta`), loaded from a folder: texts are
//! not sent to any service. Built with the feature `local-model`.

mod folder;

use candle_core::{D, Device, IndexOp, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::BertModel;
use candle_transformers::models::xlm_roberta::XLMRobertaModel;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokenizers::{Encoding, Tokenizer, TruncationParams};

use super::embeddings::{Embedder, Failure};
use folder::{Folder, Pooling, Recipe, within};

/// The batch size.
const TOGETHER: usize = 16;
/// A limit of fewer tokens leaves no room for words.
const FEWEST_TOKENS: usize = 8;

/// The model in memory, about as large as its file of weights (in 32-bit floats).
pub struct LocalModel {
    name: String,
    recipe: Recipe,
    tokenizer: Tokenizer,
    network: Network,
    /// The padding token for the shorter texts of a batch.
    pad: u32,
}

enum Network {
    Bert(BertModel),
    Roberta(XLMRobertaModel),
}

impl LocalModel {
    /// Loads the model from `config.json`, `tokenizer.json` and `model.safetensors`; `modules.json` and related files
    /// say how it is used.
    ///
    /// # Errors
    /// A sentence that says which file is missing or invalid, or which setting is not supported.
    pub fn open(path: &str) -> Result<Self, String> {
        let mut folder = Folder::open(path)?;
        let mut recipe = folder.recipe()?;
        let mut config: Value = folder.json(&within(&recipe.network, "config.json"))?;
        if config.is_object() && config["position_embedding_type"].is_null() {
            config["position_embedding_type"] = json!("absolute");
        }
        let kind = config["model_type"].as_str().unwrap_or("bert").to_owned();
        let number = |name: &str| config[name].as_u64().and_then(|n| usize::try_from(n).ok());
        let pad = config["pad_token_id"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or_default();
        // RoBERTa numbers positions from the index after the padding token's.
        let before = if kind == "bert" { 0 } else { pad as usize + 1 };
        let positions = number("max_position_embeddings").unwrap_or(512).saturating_sub(before);
        let longest = recipe.longest.map_or(positions, |longest| longest.min(positions));
        if longest < FEWEST_TOKENS {
            return Err(format!("It reads {longest} tokens of a text; that is too few."));
        }
        recipe.longest = Some(longest);

        let mut tokenizer: Tokenizer = folder.json(&within(&recipe.network, "tokenizer.json"))?;
        let truncation = TruncationParams { max_length: longest, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(|e| format!("tokenizer.json can't be used: {e}."))?;
        tokenizer.with_padding(None);

        let weights = folder.read(&within(&recipe.network, "model.safetensors"))?;
        let unusable = |e: candle_core::Error| format!("model.safetensors does not fit config.json: {e}.");
        let vars = VarBuilder::from_buffered_safetensors(weights, candle_core::DType::F32, &Device::Cpu);
        let vars = vars.map_err(unusable)?;
        let network = match kind.as_str() {
            "bert" => Network::Bert(BertModel::load(vars, &parsed(config)?).map_err(unusable)?),
            "roberta" | "xlm-roberta" => {
                let prefixed = vars.contains_tensor("roberta.embeddings.word_embeddings.weight");
                let vars = if prefixed { vars.pp("roberta") } else { vars };
                Network::Roberta(XLMRobertaModel::new(&parsed(config)?, vars).map_err(unusable)?)
            }
            _ => return Err(format!("Its model_type is {kind}; bert, roberta and xlm-roberta are built in.")),
        };
        Ok(Self { name: folder.name(), recipe, tokenizer, network, pad })
    }

    /// The vectors of tokenised texts, in the same order.
    fn vectors(&self, texts: &[&Encoding]) -> candle_core::Result<Vec<Vec<f32>>> {
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or_default();
        let (mut ids, mut mask) = (Vec::new(), Vec::new());
        for text in texts {
            let padding = longest - text.len();
            ids.extend_from_slice(text.get_ids());
            ids.extend(std::iter::repeat_n(self.pad, padding));
            mask.extend(std::iter::repeat_n(1u32, text.len()));
            mask.extend(std::iter::repeat_n(0u32, padding));
        }
        let shape = (texts.len(), longest);
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let kinds = ids.zeros_like()?;
        let tokens = match &self.network {
            Network::Bert(network) => network.forward(&ids, &kinds, Some(&mask))?,
            Network::Roberta(network) => network.forward(&ids, &mask, &kinds, None, None, None)?,
        };
        let pooled = pool(&tokens, &mask, self.recipe.pooling)?;
        let length = pooled.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?.maximum(1e-12)?;
        let vectors = if self.recipe.normalize { pooled.broadcast_div(&length)? } else { pooled };
        vectors.to_vec2()
    }
}

/// Combines token vectors. `tokens` has the shape texts x tokens x dimensions, `mask` is 1 where there is a token; the
/// result has the shape texts x dimensions.
fn pool(tokens: &Tensor, mask: &Tensor, pooling: Pooling) -> candle_core::Result<Tensor> {
    let mask = mask.to_dtype(tokens.dtype())?.unsqueeze(2)?;
    let sum = || tokens.broadcast_mul(&mask)?.sum(1);
    let count = mask.sum(1)?.maximum(1e-9)?;
    match pooling {
        Pooling::Cls => tokens.i((.., 0)),
        Pooling::Mean => sum()?.broadcast_div(&count),
        Pooling::MeanSqrt => sum()?.broadcast_div(&count.sqrt()?),
        Pooling::Max => tokens.broadcast_add(&((mask - 1.0)? * 1e9)?)?.max(1),
    }
}

fn parsed<T: DeserializeOwned>(config: Value) -> Result<T, String> {
    serde_json::from_value(config).map_err(|e| format!("config.json is not what is expected: {e}."))
}

impl Embedder for LocalModel {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, Failure> {
        let lower = |text: &String| if self.recipe.lower_case { text.to_lowercase() } else { text.clone() };
        let texts: Vec<String> = texts.iter().map(|text| format!("{}{}", self.recipe.prompt, lower(text))).collect();
        let encoded = self.tokenizer.encode_batch(texts, true).map_err(|e| Failure::Refused(e.to_string()))?;
        // Sorted by length, so that batches contain little padding.
        let mut order: Vec<usize> = (0..encoded.len()).collect();
        order.sort_by_key(|n| encoded[*n].len());
        let mut vectors = vec![Vec::new(); encoded.len()];
        for together in order.chunks(TOGETHER) {
            let texts: Vec<&Encoding> = together.iter().map(|n| &encoded[*n]).collect();
            let theirs = self.vectors(&texts).map_err(|e| Failure::Refused(e.to_string()))?;
            for (n, vector) in together.iter().zip(theirs) {
                vectors[*n] = vector;
            }
        }
        if vectors.iter().flatten().any(|number| !number.is_finite()) {
            return Err(Failure::Refused("the network's numbers overflow".to_owned()));
        }
        Ok(vectors)
    }
}
